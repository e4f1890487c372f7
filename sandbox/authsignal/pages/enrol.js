import { Router } from "express";
import { html } from "../../page.js";
import { backLink, methodList } from "./parts.js";
import { visitOf } from "./visit.js";

/** @import { Method } from "../methods/index.js" */
/** @import { Flow } from "./flow.js" */

/**
 * An unenrolled user picks a method and enrols, which completes the challenge.
 * @param {Flow} flow
 */
export function enrolRoutes(flow) {
  const routes = Router({ caseSensitive: true, strict: true });

  routes.get("/", (_req, res, next) => {
    const { user, link, isForced } = visitOf(res);
    if (user.isEnrolled) return next();
    flow.show(res, {
      heading: "Protect your account",
      body: html`
        <p>Choose how you want to confirm that it's you, now and from now on.</p>
        ${methodList(flow.methods(), (slug) => link(`/enrol/${slug}`))}
        ${!isForced && backLink(link("/leave"))}
      `,
    });
  });

  // Who is enrolled is challenged: the password alone adds no authenticator.
  routes.use("/enrol", (_req, res, next) => {
    const { user, link } = visitOf(res);
    if (user.isEnrolled) return res.redirect(303, link(""));
    next();
  });

  routes
    .route("/enrol/:slug")
    .get(async (req, res) => {
      await show(res, flow.method(req.params.slug));
    })
    .post(async (req, res) => {
      const visit = visitOf(res);
      const method = flow.method(req.params.slug);
      const answer = await method.enrol(visit, flow.form(req));
      switch (answer.kind) {
        case "verified":
          return flow.succeed(res, method, answer);
        case "next":
          return res.redirect(303, visit.link(`/enrol/${method.slug}`));
        case "wrong":
        case "invalid":
          if (flow.isLastTry(res, answer)) return;
          return show(res.status(422), method, flow.problem(res, answer));
      }
    });

  return routes;

  /**
   * @param {import("express").Response} res
   * @param {Method} method
   * @param {string} [problem]
   */
  async function show(res, method, problem) {
    const visit = visitOf(res);
    const screen = await method.enrolScreen(visit, problem);
    const body = html`
      ${screen.body}
      <p><a href="${visit.link("")}">Choose another method</a></p>
      ${backLink(visit.link("/leave"))}
    `;
    flow.show(res, { ...screen, body }, problem);
  }
}
