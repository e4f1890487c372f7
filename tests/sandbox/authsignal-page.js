// A page of Authsignal, read and used by its names.

import assert from "node:assert/strict";

/**
 * A page as a person without a browser would use it: by the names of its links and buttons.
 * @typedef {ReturnType<typeof readPage>} Page
 */

/**
 * Opens an address, and follows redirects as far as this origin goes.
 * @param {string} address
 * @param {RequestInit} [init]
 * @returns {Promise<Page>}
 */
export async function visit(address, init) {
  const response = await fetch(address, { redirect: "manual", ...init });
  const html = await response.text();
  const location = response.headers.get("Location") ?? "";
  if (!location) return readPage(address, response.status, html, "");
  assert.equal(response.status, 303);
  const next = new URL(location, address);
  if (next.origin !== new URL(address).origin) return readPage(address, 303, html, next.href);
  return visit(next.href);
}

/**
 * @param {string} address
 * @param {number} status
 * @param {string} html
 * @param {string} location of another origin, where the page leads there
 */
function readPage(address, status, html, location) {
  const links = [...html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/g)]
    .map(([, tag, inside]) => ({ href: attribute(tag, "href"), name: plain(inside.replace(/<span[\s\S]*/, "")) }))
    .filter(({ href }) => !href.startsWith("otpauth:"));
  const forms = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, tag, inside]) => ({
    action: attribute(tag, "action"),
    hidden: [...inside.matchAll(/<input type="hidden"([^>]*)>/g)].map(([, input]) => [
      attribute(input, "name"),
      attribute(input, "value"),
    ]),
    buttons: [...inside.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g)].map(([, button, name]) => ({
      name: plain(name),
      field: attribute(button, "name"),
      value: attribute(button, "value"),
    })),
  }));

  return {
    status,
    html,
    location,
    title: plain(/<title>([\s\S]*?)<\/title>/.exec(html)?.[1] ?? ""),
    heading: plain(/<h1>([\s\S]*?)<\/h1>/.exec(html)?.[1] ?? ""),
    problem: plain(/<p id="problem"[^>]*>([\s\S]*?)<\/p>/.exec(html)?.[1] ?? ""),
    links: links.map(({ name }) => name),
    buttons: forms.flatMap(({ buttons }) => buttons.map(({ name }) => name)),

    /** @param {string} selector an id */
    text: (selector) => plain(new RegExp(` id="${selector.slice(1)}"[^>]*>([^<]*)<`).exec(html)?.[1] ?? ""),

    /** @param {string} name of a select */
    chosen(name) {
      const [, inside = ""] = new RegExp(`<select[^>]* name="${name}"[^>]*>([\\s\\S]*?)</select>`).exec(html) ?? [];
      return /<option value="([^"]*)" selected>/.exec(inside)?.[1];
    },

    /** @param {string} name */
    follow(name) {
      const link = links.find((link) => link.name === name);
      assert.ok(link, `${name} is none of ${links.map((link) => link.name)}`);
      return visit(new URL(link.href, address).href);
    },

    /**
     * Presses a button of a form.
     * @param {string} name
     * @param {Record<string, string>} [fields]
     * @param {Record<string, string>} [headers]
     */
    submit(name, fields = {}, headers = {}) {
      for (const { action, hidden, buttons } of forms) {
        const button = buttons.find((button) => button.name === name);
        if (!button) continue;
        const body = new URLSearchParams(hidden);
        if (button.field) body.set(button.field, button.value);
        for (const [field, value] of Object.entries(fields)) body.set(field, value);
        return visit(new URL(action, address).href, { method: "POST", body, headers });
      }
      throw new Error(`The page "${this.heading}" has no button ${name}.`);
    },
  };
}

/**
 * @param {string} tag
 * @param {string} name
 */
export const attribute = (tag, name) => unescaped(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
/** @param {string} markup */
const plain = (markup) =>
  unescaped(markup.replace(/<[^>]*>/g, ""))
    .replace(/\s+/g, " ")
    .trim();
/** @param {string} text */
export const unescaped = (text) => text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity]);
/** @type {Record<string, string>} */
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
