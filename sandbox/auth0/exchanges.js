/**
 * HTTP requests to the tenant and its answers, as arrows of the login that they turn out to be part of.
 */

/**
 * @typedef {import("./recorder.js").Login} Login
 * @typedef {import("node:http").IncomingMessage} Request
 *
 * @typedef {object} Exchange
 * @property {number} started
 * @property {Record<string, unknown>} detail of the request
 * @property {Record<string, unknown>} answer what is known of the response besides its head
 * @property {string} label
 * @property {string} [said] what the answer's page says
 * @property {Login} [login]
 * @property {boolean} quiet a hop between two of the tenant's own pages: only its answer is shown
 */
export class Exchanges {
  #origin;
  /** @type {WeakMap<Request, Exchange>} */
  #exchanges = new WeakMap();

  /** @param {string} origin */
  constructor(origin) {
    this.#origin = origin;
  }

  /**
   * Begins to watch.
   * @type {import("express").RequestHandler}
   */
  watch = (req, res, next) => {
    const { method, path, headers } = req;
    const quiet = isResume(path);
    /** @type {Exchange} */
    const exchange = {
      started: performance.now(),
      label: `${method} ${path}`,
      detail: { method, url: `${this.#origin}${req.originalUrl}`, query: { ...req.query }, headers: { ...headers } },
      answer: {},
      quiet,
    };
    this.#exchanges.set(req, exchange);
    res.on("finish", () => this.#finish(exchange, res));
    next();
  };

  /** @param {Request} req */
  of(req) {
    const exchange = this.#exchanges.get(req);
    if (!exchange) throw new Error("This request is not watched");
    return exchange;
  }

  /**
   * The request is part of this login.
   *
   * @param {Request} req
   * @param {Login} login
   * @param {Record<string, unknown>} [detail]
   */
  bind(req, login, detail) {
    const exchange = this.of(req);
    Object.assign(exchange.detail, detail);
    if (exchange.login) return;
    exchange.login = login;
    if (exchange.quiet) return;
    login.add({ from: "browser", to: "auth0", label: exchange.label, time: exchange.started, detail: exchange.detail });
  }

  /** @param {Exchange} exchange @param {import("express").Response} res */
  #finish({ login, started, answer, quiet, said }, res) {
    if (!login) return;
    const status = res.statusCode;
    const headers = { ...res.getHeaders() };
    const target = typeof headers.location === "string" ? new URL(headers.location, this.#origin) : undefined;
    const inside = target?.origin === this.#origin;
    if (inside && isResume(target.pathname)) return;

    const { tone, outcome } =
      target && !inside
        ? resultOf(target)
        : { tone: status < 400 ? undefined : /** @type {const} */ ("bad"), outcome: undefined };
    login.add({
      from: "auth0",
      to: "browser",
      label: `${status}${target ? ` to ${inside ? target.pathname : `${target.host}${target.pathname}`}` : ""}${outcome ? `, ${outcome}` : ""}${said ? `, ${said}` : ""}`,
      ms: quiet ? undefined : performance.now() - started,
      tone,
      answer: true,
      detail: { status, headers, ...answer },
    });
    if (outcome && tone) return login.set({ outcome, tone });
    if (!target || inside) return;
    login.set({ outcome: `at ${target.host}` });
    login.add({
      from: "browser",
      to: "elsewhere",
      label: `GET ${target.pathname}`,
      detail: {
        method: "GET",
        url: target.href,
        note: "The browser goes there by itself: the tenant does not see this, nor what happens there.",
      },
    });
  }
}

/** Where the provider goes on after a page of the tenant. @param {string} path */
const isResume = (path) => /^\/(authorize|activate)\/./.test(path);

/**
 * What an address of the application tells of the login.
 * @param {URL} target
 * @returns {{ tone?: "good" | "bad", outcome?: string }}
 */
function resultOf({ searchParams }) {
  const error = searchParams.get("error");
  if (error) {
    const description = searchParams.get("error_description");
    return { tone: "bad", outcome: description ? `${error}: ${description}` : error };
  }
  return searchParams.has("code") ? { tone: "good", outcome: "signed in" } : {};
}
