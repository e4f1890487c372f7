// The types that others publish fit without a cast, and so do the official handlers' options.

import type * as official from "@authsignal/node";
import {
  createAction,
  handleAuth0ContinuePostLogin,
  handleAuth0ExecutePostLogin,
  type Options,
  type Outcome,
  onContinuePostLogin,
  onExecutePostLogin,
} from "../../pkg/index.js";
import type { auth0, kilterset } from "./others.js";

declare const event: auth0.Event;
declare const api: auth0.PostLoginAPI;
declare const theirEvent: kilterset.Event;
declare const theirApi: kilterset.PostLogin;
declare const executeOptions: Parameters<typeof official.handleAuth0ExecutePostLogin>[2];
declare const continueOptions: Parameters<typeof official.handleAuth0ContinuePostLogin>[2];

export const done: Promise<void>[] = [
  handleAuth0ExecutePostLogin(event, api),
  handleAuth0ContinuePostLogin(event, api),
  handleAuth0ExecutePostLogin(theirEvent, theirApi),
  handleAuth0ContinuePostLogin(theirEvent, theirApi),
  onExecutePostLogin(event, api),
  onContinuePostLogin(theirEvent, theirApi),
];

// What an Action exports.
export const actions: auth0.PostLoginAction[] = [
  onExecutePostLogin,
  onContinuePostLogin,
  createAction({ maxAge: 60 }).onExecutePostLogin,
  createAction<auth0.Event>().onContinuePostLogin,
  async (event, api) => handleAuth0ExecutePostLogin(event, api, { userId: event.user.user_id }),
];

// What a handler resolves to can be read.
export const read = async (): Promise<string> => {
  const outcome = await handleAuth0ExecutePostLogin(event, api, { claim: "https://example.com/mfa" });
  const same: Outcome = outcome;
  // @ts-expect-error it has no token
  outcome.token;
  // @ts-expect-error it can't be changed
  outcome.outcome = "proceed";
  // @ts-expect-error no such code
  if (outcome.code === "passed") return "";
  return outcome.code === "already_challenged" ? (outcome.ruleIds?.join() ?? "") : same.outcome;
};

// A function of the event sees the event as it was given.
export const functions = [
  createAction((event: auth0.Event) => event.client.name !== "Kiosk" && { custom: { org: event.organization?.name } }),
  createAction(({ user, connection }: kilterset.Event) => ({
    userId: user.email ?? user.user_id,
    action: connection.name,
  })),
];
handleAuth0ExecutePostLogin(event, api, ({ stats }) => (stats.logins_count > 1 ? {} : false));

// The migration is one line.
export const migrated: Options[] = [executeOptions, continueOptions];

// @ts-expect-error the event knows no such part
handleAuth0ExecutePostLogin(event, api, ({ device }) => (device ? {} : false));
// @ts-expect-error an api without a way to deny
handleAuth0ExecutePostLogin(event, { redirect: api.redirect });
// @ts-expect-error an api that can't record the challenge
handleAuth0ContinuePostLogin(event, { access: api.access });
// @ts-expect-error an event without the user's id
handleAuth0ExecutePostLogin({ ...event, user: { email: "ada@example.com" } }, api);
// @ts-expect-error the event and the api the wrong way round
handleAuth0ExecutePostLogin(api, event);
