import { Router } from "express";
import { html } from "../../page.js";
import { isText, known } from "../body.js";
import { invalidRequest, notFound } from "../errors.js";
import { parseAddress } from "../methods/otp.js";
import { portalPage, time } from "./layout.js";

/** @import { Store, User } from "../store.js" */

/**
 * Users, and their authenticators to remove; a phone number or an email address to add, so that there is
 * something to switch to.
 * @param {Store} store
 */
export function userPages(store) {
  const routes = Router({ caseSensitive: true, strict: true });

  routes.get("/users", (_req, res) => {
    const users = [...store.users.values()];
    res.send(
      portalPage(
        "Users",
        html`
          ${users.length === 0 && html`<p>No user yet. Log in at the application, and the user appears here.</p>`}
          ${users.map(card)}
        `,
      ),
    );
  });

  routes.post("/users/remove", (req, res) => {
    const { userId, userAuthenticatorId } = known(req.body, { userId: isText, userAuthenticatorId: isText });
    if (!store.users.get(userId)?.remove(userAuthenticatorId)) throw notFound("The user has no such authenticator.");
    res.redirect(303, "/portal/users");
  });

  routes.post("/users/add", (req, res) => {
    const { userId, address = "" } = known(req.body, { userId: isText, address: isText });
    const user = store.users.get(userId);
    if (!user) throw notFound("There is no such user.");
    const attributes = parseAddress(address);
    if (!attributes) throw invalidRequest("That is neither an email address nor a phone number that starts with +.");
    user.enrol(attributes);
    res.redirect(303, "/portal/users");
  });

  return routes;
}

/**
 * @param {User} user
 * @param {number} index
 */
const card = ({ userId, attributes, authenticators }, index) => html`
  <section class="card" aria-labelledby="user-${index} id-${index}" data-user="${userId}">
    <h2 id="user-${index}">${attributes.email || attributes.username || userId}</h2>
    <p class="quiet-text"><code id="id-${index}">${userId}</code> ${attributes.phoneNumber}</p>
    ${authenticators.length === 0 && html`<p>Not enrolled. The next login enrols this user, or you do it here.</p>`}
    <ul class="plain-list">
      ${authenticators.map(
        ({ userAuthenticatorId, verificationMethod, phoneNumber, email, createdAt }) => html`
          <li data-authenticator="${verificationMethod}">
            <form class="row" method="post" action="/portal/users/remove">
              <span>
                <strong>${verificationMethod}</strong> ${phoneNumber ?? email}
                <span class="quiet-text">since ${time(createdAt)}</span>
              </span>
              <input type="hidden" name="userId" value="${userId}" />
              <input type="hidden" name="userAuthenticatorId" value="${userAuthenticatorId}" />
              <button class="quiet" aria-label="Remove ${verificationMethod} of ${userId}">Remove</button>
            </form>
          </li>
        `,
      )}
    </ul>
    <form method="post" action="/portal/users/add">
      <input type="hidden" name="userId" value="${userId}" />
      <label for="address-${index}">Add a phone number or an email address, as verified</label>
      <input id="address-${index}" name="address" required />
      <button class="quiet">Add</button>
    </form>
  </section>
`;
