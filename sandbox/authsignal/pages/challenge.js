import { Router } from "express";
import { html } from "../../page.js";
import { backLink, methodList } from "./parts.js";
import { visitOf } from "./visit.js";

/** @import { Method } from "../methods/index.js" */
/** @import { User } from "../store.js" */
/** @import { Flow } from "./flow.js" */

/**
 * An enrolled user is challenged with the default method, and may switch between the enrolled ones.
 * @param {Flow} flow
 */
export function challengeRoutes(flow) {
  const routes = Router({ caseSensitive: true, strict: true });

  routes.get("/", async (_req, res) => {
    const { user, link } = visitOf(res);
    const [first] = enrolled(user);
    if (first) return show(res, first);
    flow.show(res, {
      heading: "This challenge can't be done here",
      body: html`
        <p>
          The API enrolled this user without what this page would need to verify an authenticator. Add one in the
          Portal, or remove them all there and log in again.
        </p>
        ${backLink(link("/leave"))}
      `,
    });
  });

  routes
    .route("/verify/:slug")
    .all((req, res, next) => {
      const { user, link } = visitOf(res);
      if (!flow.method(req.params.slug).isEnrolled(user)) return res.redirect(303, link(""));
      next();
    })
    .get(async (req, res) => {
      await show(res, flow.method(req.params.slug));
    })
    .post(async (req, res) => {
      const visit = visitOf(res);
      const method = flow.method(req.params.slug);
      const answer = await method.verify(visit, flow.form(req));
      switch (answer.kind) {
        case "verified":
          return flow.succeed(res, method);
        case "next":
          return res.redirect(303, visit.link(`/verify/${method.slug}`));
        case "wrong":
        case "invalid":
          if (flow.isLastTry(res, answer)) return;
          return show(res.status(422), method, flow.problem(res, answer));
      }
    });

  return routes;

  /** The default one first. @param {User} user */
  function enrolled(user) {
    return user.enrolledVerificationMethods.flatMap((code) =>
      flow.methods().filter((method) => method.code === code && method.isEnrolled(user)),
    );
  }

  /**
   * @param {import("express").Response} res
   * @param {Method} method
   * @param {string} [problem]
   */
  async function show(res, method, problem) {
    const visit = visitOf(res);
    const screen = await method.challengeScreen(visit, problem);
    const others = enrolled(visit.user).filter((other) => other !== method);
    const body = html`
      ${screen.body}
      ${
        others.length > 0 &&
        html`
        <section aria-labelledby="others">
          <h2 id="others">Use another method</h2>
          ${methodList(others, (slug) => visit.link(`/verify/${slug}`))}
        </section>
      `
      }
      ${backLink(visit.link("/leave"))}
    `;
    flow.show(res, { ...screen, body }, problem);
  }
}
