// A browser of a kind: cookies, redirects followed by hand, and the login form.

import { loadAction } from "../../sandbox/auth0/runtime.js";
import { startTenant } from "../../sandbox/auth0/tenant.js";

export const CLIENT = { clientId: "test-application", clientSecret: "test-application-secret-0123456789" };
/** Nothing listens there: the tests look at where the browser is sent. */
export const APP = "http://localhost:4900";
export const REDIRECT_URI = `${APP}/callback`;
export const ADA = { user_id: "auth0|ada", email: "ada@example.com", password: "correct horse", name: "Ada Byron" };
export const BOB = { user_id: "auth0|bob", email: "bob@example.com", password: "battery staple", name: "Bob Marsh" };

/**
 * A tenant with an Action of this text; it ends with the test.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} source
 * @param {Partial<import("../../sandbox/auth0/tenant.js").TenantOptions>} [options]
 */
export async function startWith(t, source, options = {}) {
  const tenant = await startTenant({
    port: 0,
    actions: [{ loaded: await loadAction({ source }) }],
    applications: [{ ...CLIENT, redirectUris: [REDIRECT_URI], postLogoutRedirectUris: [APP] }],
    users: [ADA, BOB],
    tell: () => {},
    ...options,
  });
  t.after(tenant.close);
  return tenant;
}

/** @typedef {{ status: number, location: URL | undefined, text: string, headers: Headers }} Answer */

export class Browser {
  /** @type {Map<string, { value: string, path: string }>} */
  cookies = new Map();
  #origin;

  /** @param {string} origin of the tenant; only this one is visited */
  constructor(origin) {
    this.#origin = origin;
  }

  /**
   * One request, redirects not followed.
   *
   * @param {string | URL} address
   * @param {RequestInit & { form?: Record<string, string> }} [init]
   * @returns {Promise<Answer>}
   */
  async request(address, { form, ...init } = {}) {
    const url = new URL(address, this.#origin);
    const cookie = [...this.cookies.values()]
      .filter(({ path }) => url.pathname.startsWith(path))
      .map(({ value }) => value);
    const response = await fetch(url, {
      ...init,
      ...(form && { method: "POST", body: new URLSearchParams(form) }),
      headers: {
        Cookie: cookie.join("; "),
        "User-Agent": "test browser",
        "Accept-Language": "en-NZ,en;q=0.8",
        Accept: "text/html",
      },
      redirect: "manual",
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const location = response.headers.get("location");
    return {
      status: response.status,
      location: location ? new URL(location, url) : undefined,
      text: await response.text(),
      headers: response.headers,
    };
  }

  /**
   * Follows redirects within the tenant, to a page or to an address elsewhere.
   * @param {string | URL} address
   * @param {Parameters<Browser["request"]>[1]} [init]
   */
  async visit(address, init) {
    let answer = await this.request(address, init);
    let url = new URL(address, this.#origin);
    while (answer.location && answer.location.origin === this.#origin) {
      url = answer.location;
      answer = await this.request(url);
    }
    return { ...answer, url: answer.location ?? url };
  }

  /** An authorization request. @param {Record<string, string>} [parameters] */
  authorize(parameters = {}) {
    return this.visit(authorizeUrl(this.#origin, parameters));
  }

  /**
   * Enters a password where the login form is.
   * @param {{ url: URL }} page
   * @param {{ email: string, password: string }} user
   */
  logIn({ url }, { email, password }) {
    return this.visit(url, { form: { email, password } });
  }

  /**
   * The whole of a login by form.
   * @param {{ email: string, password: string }} user
   * @param {Record<string, string>} [parameters]
   */
  async signIn(user, parameters) {
    return this.logIn(await this.authorize(parameters), user);
  }

  /** @param {string} line */
  #keep(line) {
    const [pair, ...attributes] = line.split("; ");
    const name = pair.slice(0, pair.indexOf("="));
    const path = attributes.find((attribute) => attribute.toLowerCase().startsWith("path="))?.slice(5) ?? "/";
    const gone = attributes.some((attribute) => /^expires=Thu, 01 Jan 1970/i.test(attribute));
    if (gone) this.cookies.delete(`${name} ${path}`);
    else this.cookies.set(`${name} ${path}`, { value: pair, path });
  }
}

/** @param {string} origin @param {Record<string, string>} parameters */
export function authorizeUrl(origin, parameters) {
  const all = {
    client_id: CLIENT.clientId,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    scope: "openid profile email",
    state: "app-state",
    ...parameters,
  };
  return new URL(`/authorize?${new URLSearchParams(all)}`, origin);
}

/** The answer of the token endpoint. @param {{ origin: string }} tenant @param {Record<string, string>} parameters */
export async function requestTokens({ origin }, parameters) {
  const body = new URLSearchParams({ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, ...parameters });
  const response = await fetch(new URL("/oauth/token", origin), { method: "POST", body });
  return { status: response.status, ...(await response.json()) };
}

/**
 * The tokens of a login that ended at the application.
 * @param {{ origin: string }} tenant
 * @param {{ url: URL }} answer
 */
export function exchangeCode(tenant, { url }) {
  return requestTokens(tenant, {
    grant_type: "authorization_code",
    code: url.searchParams.get("code") ?? "",
    redirect_uri: REDIRECT_URI,
  });
}

/** @param {string} token @returns {Record<string, any>} */
export const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
