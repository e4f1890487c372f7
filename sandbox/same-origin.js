// What keeps the pages of other origins from acting here, by a form or by a script.

import { pageHeaders } from "./page.js";

/**
 * Whether a request may change something. A browser says which page sends a POST; a client that says nothing is no
 * browser, and has no cookies or access that another site could misuse.
 * @param {import("node:http").IncomingMessage} req
 * @param {string} origin of the server, as browsers have it
 */
export function isFromHere({ method, headers }, origin) {
  if (method === "GET" || method === "HEAD") return true;
  const site = headers["sec-fetch-site"] ?? "same-origin";
  return site === "same-origin" && (headers.origin ?? origin) === origin;
}

/**
 * The headers of a page with a form that changes something. Without a referrer, a browser would not name the page's
 * origin when it sends the form.
 * @param {string} [formAction]
 */
export const formHeaders = (formAction) => ({ ...pageHeaders(formAction), "Referrer-Policy": "same-origin" });
