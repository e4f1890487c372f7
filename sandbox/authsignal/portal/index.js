import { Router } from "express";
import { fromHere } from "../guard.js";
import { errorPage, headers, noSuchPage, readForm } from "../pages/index.js";
import { actionPages } from "./actions.js";
import { activityPages } from "./activity.js";
import { faultPages } from "./faults.js";
import { outboxPages } from "./outbox.js";
import { userPages } from "./users.js";

/** @import { Faults } from "../faults.js" */
/** @import { Store } from "../store.js" */

/**
 * The Portal, as small as the sandbox needs it: plain forms, each of which leads back to its page.
 * @param {{ store: Store, faults: Faults }} sandbox
 */
export function portalPages({ store, faults }) {
  const routes = Router({ caseSensitive: true, strict: true });
  routes.use(headers, fromHere, readForm);
  routes.use(actionPages(store), userPages(store), outboxPages(store), activityPages(store), faultPages(faults));
  routes.use(noSuchPage, errorPage);
  return routes;
}
