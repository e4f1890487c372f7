import { TokenError } from "../tokens.js";

/** @import { Request, Response } from "express" */
/** @import { Store, User, UserAction } from "../store.js" */
/** @import { Tokens } from "../tokens.js" */

/**
 * One person at one challenge. Its token is in the page's own address, with what was added on the way; each link
 * and each form of the page keeps all of it.
 * @typedef {object} Visit
 * @property {UserAction} action
 * @property {User} user
 * @property {string} userName as the person knows it
 * @property {(path: string) => string} link to a page of this visit
 * @property {string | undefined} backUrl of the application: none where the track gave none
 * @property {boolean} isForced to enrol
 */

/**
 * @param {Request} req
 * @param {{ store: Store, tokens: Tokens }} sandbox
 * @returns {Promise<Visit>}
 * @throws {TokenError}
 */
export async function openVisit(req, { store, tokens }) {
  const query = new URLSearchParams(req.originalUrl.slice(req.originalUrl.indexOf("?") + 1));
  const [token, ...others] = query.getAll("token");
  if (!token || others.length > 0) throw new TokenError("TOKEN_INVALID");
  const action = await tokens.open(token);
  const user = store.user(action.userId);
  return {
    action,
    user,
    userName: user.attributes.email || user.attributes.username || user.userId,
    link: (path) => `/challenge${path}?${query}`,
    backUrl: backUrl(action.attributes.redirectUrl, query),
    isForced: query.get("force_enrollment") === "true",
  };
}

/** @param {Response} res @returns {Visit} */
export const visitOf = (res) => res.locals.visit;

/**
 * `redirectUrl` with the token, and with what was added to `url` on the way, such as Auth0's `state`.
 * @param {string | undefined} redirectUrl
 * @param {URLSearchParams} query of the page
 */
function backUrl(redirectUrl = "", query) {
  if (!/^https?:\/\//i.test(redirectUrl) || !URL.canParse(redirectUrl)) return undefined;
  const url = new URL(redirectUrl);
  const kept = [...query].filter(([name]) => name !== "force_enrollment");
  for (const [name] of kept) url.searchParams.delete(name);
  for (const [name, value] of kept) url.searchParams.append(name, value);
  return url.href;
}
