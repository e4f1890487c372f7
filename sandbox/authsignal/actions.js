import { Router } from "express";
import { STATES } from "./api.js";
import { isBoolean, isCustom, isNonEmpty, isOneOf, isPhoneNumber, isText, known } from "./body.js";
import { ApiError, invalidRequest, notFound } from "./errors.js";

/** @import { ActionResponse, ActionsResponse, TrackAttributes, TrackResponse } from "./api.js" */
/** @import { Store, UserActionKey } from "./store.js" */
/** @import { Tokens } from "./tokens.js" */

/**
 * Tracking a user's actions, and what became of them.
 * @param {Store} store
 * @param {Tokens} tokens
 * @param {string} uiUrl where the pre-built UI is
 */
export function actionRoutes(store, tokens, uiUrl) {
  const routes = Router({ caseSensitive: true, strict: true });

  routes.post("/users/:userId/actions/:actionCode", async (req, res) => {
    const { userId, actionCode } = req.params;
    checkActionCode(actionCode);
    /** @type {TrackAttributes} */
    const attributes = known(req.body, trackAttributes);
    if (!store.settings.authenticatorsConfigured) {
      throw new ApiError(400, "AUTHENTICATOR_NOT_FOUND", "The tenant has no authenticator configured.");
    }

    const action = store.track(userId, actionCode, attributes);
    const user = store.user(userId);
    const token = await tokens.sign(action);
    /** @type {TrackResponse} */
    const response = {
      state: !user.isEnrolled && action.state === "CHALLENGE_REQUIRED" ? "ALLOW" : action.state,
      url: `${uiUrl}/challenge?token=${token}`,
      token,
      isEnrolled: user.isEnrolled,
      idempotencyKey: action.idempotencyKey,
      enrolledVerificationMethods: user.enrolledVerificationMethods,
      allowedVerificationMethods: store.settings.verificationMethods,
      defaultVerificationMethod: user.defaultVerificationMethod,
      ruleIds: action.ruleIds,
    };
    store.record("track", response.state, action);
    res.json(response);
  });

  routes.get("/users/:userId/actions", (req, res) => {
    const { fromDate, codes, state } = known(req.query, actionQuery);
    const actions = [...(store.users.get(req.params.userId)?.actions.values() ?? [])].filter(
      (action) =>
        (fromDate === undefined || Date.parse(action.createdAt) >= Date.parse(fromDate)) &&
        (codes === undefined || codes.split(",").includes(action.actionCode)) &&
        (state === undefined || action.state === state),
    );
    /** @type {ActionsResponse} */
    const response = actions.reverse().map(({ userId, attributes, ruleIds, challenge, ...action }) => ({
      ...action,
      updatedAt: action.stateUpdatedAt,
    }));
    res.json(response);
  });

  routes
    .route("/users/:userId/actions/:actionCode/:idempotencyKey")
    .get((req, res) => {
      res.json(actionResponse(find(req.params)));
    })
    .patch((req, res) => {
      const action = find(req.params);
      const { state } = known(req.body, { state: isOneOf(STATES) });
      if (state === undefined) throw invalidRequest("state is required.");
      store.setState(action, state);
      res.json(actionResponse(action));
    });

  return routes;

  /** @param {UserActionKey} key */
  function find(key) {
    const action = store.find(key);
    if (!action) throw notFound("The user has no such action.");
    return action;
  }
}

/** @param {string} code */
export function checkActionCode(code) {
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(code)) throw invalidRequest("The action's code is not valid.");
}

const trackAttributes = {
  idempotencyKey: isNonEmpty,
  redirectUrl: isText,
  redirectToSettings: isBoolean,
  ipAddress: isText,
  userAgent: isText,
  deviceId: isText,
  scope: isText,
  email: isText,
  phoneNumber: isPhoneNumber,
  username: isText,
  locale: isText,
  customDomain: isText,
  challengeId: isText,
  custom: isCustom,
};

const actionQuery = {
  /** @param {unknown} value */
  fromDate: (value) => typeof value === "string" && !Number.isNaN(Date.parse(value)),
  codes: isText,
  state: isOneOf(STATES),
};

/**
 * @param {import("./store.js").UserAction} action
 * @returns {ActionResponse}
 */
function actionResponse({ state, stateUpdatedAt, createdAt, verificationMethod }) {
  return { state, stateUpdatedAt, createdAt, verificationMethod };
}
