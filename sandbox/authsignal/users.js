import { Router } from "express";
import { VERIFICATION_METHODS } from "./api.js";
import { isBoolean, isCustom, isNonEmpty, isOneOf, isPhoneNumber, isText, known } from "./body.js";
import { invalidRequest, notFound } from "./errors.js";
import { User } from "./store.js";

/** @import { Authenticator, EnrolAttributes, EnrolResponse, UserAttributes, UserResponse } from "./api.js" */
/** @import { Store } from "./store.js" */

/**
 * Users and their authenticators.
 * @param {Store} store
 */
export function userRoutes(store) {
  const routes = Router({ caseSensitive: true, strict: true });

  routes
    .route("/users/:userId")
    .get((req, res) => {
      const user = store.users.get(req.params.userId) ?? new User(req.params.userId);
      /** @type {UserResponse} */
      const response = {
        isEnrolled: user.isEnrolled,
        ...user.attributes,
        enrolledVerificationMethods: user.enrolledVerificationMethods,
        allowedVerificationMethods: store.settings.verificationMethods,
      };
      res.json(response);
    })
    .patch((req, res) => {
      /** @type {UserAttributes} */
      const attributes = known(req.body, userAttributes);
      const user = store.user(req.params.userId);
      user.update(attributes);
      res.json(user.attributes);
    })
    .delete((req, res) => {
      store.users.delete(req.params.userId);
      res.status(204).end();
    });

  routes
    .route("/users/:userId/authenticators")
    .get((req, res) => {
      /** @type {Authenticator[]} */
      const response = store.users.get(req.params.userId)?.authenticators ?? [];
      res.json(response);
    })
    .post((req, res) => {
      /** @type {EnrolAttributes} */
      const attributes = known(req.body, enrolAttributes);
      checkEnrolment(attributes);
      const user = store.user(req.params.userId);
      const isFirst = !user.isEnrolled;
      /** @type {EnrolResponse} */
      const response = { authenticator: user.enrol(attributes), ...(isFirst && { recoveryCodes: user.recoveryCodes }) };
      res.json(response);
    });

  routes.delete("/users/:userId/authenticators/:userAuthenticatorId", (req, res) => {
    const { userId, userAuthenticatorId } = req.params;
    if (!store.users.get(userId)?.remove(userAuthenticatorId)) throw notFound("The user has no such authenticator.");
    res.status(204).end();
  });

  return routes;
}

const userAttributes = {
  email: isText,
  emailVerified: isBoolean,
  phoneNumber: isPhoneNumber,
  phoneNumberVerified: isBoolean,
  username: isText,
  displayName: isText,
  custom: isCustom,
  locale: isText,
};

const enrolAttributes = {
  verificationMethod: isOneOf(VERIFICATION_METHODS),
  phoneNumber: isPhoneNumber,
  email: isNonEmpty,
  isDefault: isBoolean,
};

/** @param {EnrolAttributes} attributes */
function checkEnrolment({ verificationMethod, phoneNumber, email }) {
  switch (verificationMethod) {
    case undefined:
      throw invalidRequest("verificationMethod is required.");
    case "SMS":
    case "WHATSAPP":
      if (!phoneNumber) throw invalidRequest("phoneNumber is required.");
      break;
    case "EMAIL_OTP":
    case "EMAIL_MAGIC_LINK":
      if (!email) throw invalidRequest("email is required.");
  }
}
