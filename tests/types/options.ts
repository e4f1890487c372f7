// What must compile, and what must not. `make types` checks it.

import {
  type ContinueApi,
  createAction,
  type ExecuteApi,
  handleAuth0ContinuePostLogin,
  handleAuth0ExecutePostLogin,
  type Options,
  type PostLoginEvent,
} from "../../pkg/index.js";

declare const event: PostLoginEvent & { organization?: { name: string } };
declare const api: ExecuteApi & ContinueApi;

const region: Options = { region: "eu", maxAge: 0, custom: { org: event.organization?.name, n: 1 } };
const url: Options = { apiUrl: "https://api.authsignal.com/v1", apiBaseUrl: undefined };
const done: Promise<void>[] = [
  handleAuth0ExecutePostLogin(event, api),
  handleAuth0ExecutePostLogin(event, api, (given) => (given.organization ? region : false)),
  handleAuth0ContinuePostLogin(event, api, url),
  createAction(() => false).onExecutePostLogin(event, api),
  createAction((given: typeof event) => (given.organization ? {} : false)).onExecutePostLogin(event, api),
];
export default done;

// @ts-expect-error an unknown option
createAction({ regions: "eu" });
// @ts-expect-error a region together with a URL
createAction({ region: "eu", apiUrl: "https://eu.api.authsignal.com/v1" });
createAction({ onStepUp: "challenge", claim: "https://example.com/mfa", console });
// @ts-expect-error a console without a log
createAction({ console: {} });
// @ts-expect-error no such way
createAction({ onStepUp: "always" });
// @ts-expect-error no such region
createAction({ region: "nz" });
// @ts-expect-error an attribute that would widen what the token can do
createAction({ attributes: { scope: "add:authenticators" } });
// @ts-expect-error a function that is not synchronous
createAction(async () => ({}));
// @ts-expect-error a function that returns nothing
createAction(() => {});
// @ts-expect-error null is not "not given"
createAction({ action: null });
