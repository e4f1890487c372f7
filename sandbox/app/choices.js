import { html } from "../page.js";

const MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

/**
 * A form for what to ask the tenant for, so that an Action's step-up can be tried by hand.
 * @param {string} action where it leads
 */
export const choices = (action) => html`
  <details class="card choices">
    <summary>Log in with other parameters</summary>
    <form method="get" action="${action}" id="choices">
      <label for="scope">Scope</label>
      <input id="scope" name="scope" value="openid profile email offline_access" />
      <label for="audience">Audience</label>
      <input id="audience" name="audience" placeholder="none, such as https://api.example.com" />
      <label for="acr_values">Authentication context (<code>acr_values</code>)</label>
      <select id="acr_values" name="acr_values">
        <option value="">any</option>
        <option value="${MULTI_FACTOR}">multi-factor</option>
      </select>
      <label for="prompt">Prompt</label>
      <select id="prompt" name="prompt">
        <option value="">as needed</option>
        <option value="login">login: enter the password again</option>
        <option value="none">none: silently</option>
      </select>
      <label for="max_age">Maximum age of the login in seconds (<code>max_age</code>)</label>
      <input id="max_age" name="max_age" type="number" min="0" />
      <label for="organization">Organization</label>
      <input id="organization" name="organization" placeholder="none, or its id" />
      <label for="connection">Connection</label>
      <input id="connection" name="connection" placeholder="any, or its name" />
      <button>Log in with these</button>
    </form>
  </details>
`;
