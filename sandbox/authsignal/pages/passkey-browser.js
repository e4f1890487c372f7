// The one script of the pre-built UI: it asks the browser for a passkey, and sends what comes with the form.

import { startAuthentication, startRegistration } from "@simplewebauthn/browser";

const form = /** @type {HTMLFormElement} */ (document.getElementById("passkey"));
const problem = /** @type {HTMLElement} */ (document.getElementById("problem"));
const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
const response = /** @type {HTMLInputElement} */ (form.elements.namedItem("response"));

// Until now a click would have sent the form without a passkey.
ready();

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  problem.textContent = "";
  try {
    const optionsJSON = JSON.parse(form.dataset.options ?? "");
    const start = form.dataset.ceremony === "create" ? startRegistration : startAuthentication;
    response.value = JSON.stringify(await start({ optionsJSON }));
    form.submit();
  } catch (error) {
    problem.textContent =
      error instanceof Error && error.name === "NotAllowedError"
        ? "The browser gave no passkey. Try again, or use another method."
        : `The browser gave no passkey: ${error instanceof Error ? error.message : error}`;
    ready();
  }
});

function ready() {
  button.disabled = false;
  button.focus();
}
