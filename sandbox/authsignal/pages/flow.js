import { html, page } from "../../page.js";
import { notFound } from "../errors.js";
import { visitOf } from "./visit.js";

/** @import { Request, Response } from "express" */
/** @import { Answer, Form, Method, Screen } from "../methods/index.js" */
/** @import { Store } from "../store.js" */

/** How many wrong codes end a challenge, over all methods together. */
const TRIES = 5;

/** @typedef {ReturnType<typeof createFlow>} Flow */

/**
 * What enrolment and challenge have in common: the page, and how either ends.
 * @param {Store} store
 * @param {Method[]} all
 */
export function createFlow(store, all) {
  const methods = () => all.filter(({ code }) => store.settings.verificationMethods.includes(code));

  return {
    /** What the tenant allows. */
    methods,

    /** @param {string} slug */
    method(slug) {
      const method = methods().find((method) => method.slug === slug);
      if (!method) throw notFound("There is no such method.");
      return method;
    },

    /** @param {Request} req @returns {Form} */
    form: (req) => (name) => {
      const value = Object.hasOwn(req.body, name) ? req.body[name] : "";
      return typeof value === "string" ? value : "";
    },

    /**
     * @param {Response} res
     * @param {Screen} screen
     * @param {string} [problem]
     */
    show(res, { heading, body, scripts }, problem) {
      const { userName } = visitOf(res);
      res.send(
        page({
          title: problem ? `Error: ${heading}` : heading,
          origin: "Authsignal",
          body: html`
            <div class="card challenge">
              <h1>${heading}</h1>
              <p class="quiet-text">You are logging in as <strong>${userName}</strong>.</p>
              ${body}
            </div>
          `,
          scripts,
        }),
      );
    },

    /**
     * Enrols what was enrolled, completes the challenge, and leads back.
     * @param {Response} res
     * @param {Method} method
     * @param {Omit<Extract<Answer, { kind: "verified" }>, "kind">} [enrolled]
     */
    succeed(res, method, { attributes, credential } = {}) {
      const visit = visitOf(res);
      const { user, action } = visit;
      // A passkey takes time to verify: meanwhile, another page may have ended this challenge or enrolled.
      const isLate = !store.isOpen(action) || (attributes && user.isEnrolled);
      if (isLate) return res.redirect(303, visit.link(""));
      if (attributes) user.enrol(attributes, credential);
      store.complete(action, "CHALLENGE_SUCCEEDED", method.code);
      leave(res);
    },

    /**
     * Counts a wrong answer; the last one fails the challenge and leads back.
     * @param {Response} res
     * @param {Answer} answer
     * @returns {boolean} whether it was the last one
     */
    isLastTry(res, answer) {
      const { action } = visitOf(res);
      if (answer.kind !== "wrong") return false;
      if (++action.challenge.wrongCodes < TRIES) return false;
      if (store.isOpen(action)) store.complete(action, "CHALLENGE_FAILED");
      leave(res);
      return true;
    },

    /**
     * The words of a problem, with the tries that are left.
     * @param {Response} res
     * @param {Extract<Answer, { problem: string }>} answer
     */
    problem(res, { kind, problem }) {
      if (kind === "invalid") return problem;
      const left = TRIES - visitOf(res).action.challenge.wrongCodes;
      return `${problem} ${left === 1 ? "One try is" : `${left} tries are`} left.`;
    },

    leave,
  };
}

/**
 * Back to the application; where the track named none, to the page that says how it ended.
 * @param {Response} res
 */
function leave(res) {
  const { backUrl, link } = visitOf(res);
  res.redirect(303, backUrl ?? link("/over"));
}
