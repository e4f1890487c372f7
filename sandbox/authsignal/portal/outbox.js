import { Router } from "express";
import { html } from "../../page.js";
import { portalPage, time } from "./layout.js";

/** @import { Message, Store } from "../store.js" */

/**
 * The SMS and emails that would have been sent, newest first.
 * @param {Store} store
 */
export function outboxPages(store) {
  const routes = Router({ caseSensitive: true, strict: true });

  routes.get("/outbox", (_req, res) => {
    const messages = store.outbox.toReversed();
    res.send(
      portalPage(
        "Outbox",
        html`
          <p>Nothing leaves your machine: what would be sent is here, newest first. Load the page again for more.</p>
          ${messages.length === 0 && html`<p>Nothing was sent yet. Choose a text message or an email at a login, and its code appears here.</p>`} ${messages.map(card)}
        `,
      ),
    );
  });

  return routes;
}

/** @param {Message} message */
const card = ({ verificationMethod, userId, to, code, sentAt }) => html`
  <article class="card" data-message="${verificationMethod}" data-to="${to}" data-user="${userId}">
    <p class="quiet-text">
      ${verificationMethod === "SMS" ? "SMS" : "Email"} to <strong>${to}</strong>, ${time(sentAt)}
    </p>
    <p>Your code is <code class="sent-code" data-code>${code}</code>. It works once. Tell it to nobody.</p>
  </article>
`;
