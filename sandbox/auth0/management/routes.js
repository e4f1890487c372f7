// The Management API's paths for Actions, and the forms of its answers. A secret's value is in none of them.

import { isDeepStrictEqual } from "node:util";
import express from "express";
import { actionBody, bindingsBody, page, RUNTIMES, TRIGGERS } from "./body.js";

/**
 * @typedef {import("./store.js").Action} Action
 * @typedef {import("./store.js").Version} Version
 * @typedef {import("./token.js").Scope} Scope
 */

/**
 * Under `/api/v2/actions`.
 *
 * @param {import("./store.js").Store} store
 * @param {(scope: Scope) => import("express").RequestHandler} needs
 */
export function actionRoutes(store, needs) {
  const routes = express.Router({ caseSensitive: true });
  const [create, read, update, remove] = /** @type {const} */ ([
    "create:actions",
    "read:actions",
    "update:actions",
    "delete:actions",
  ]).map(needs);

  routes.get("/actions", read, (req, res) => {
    const { triggerId, actionName, deployed } = req.query;
    const found = store.actions.filter(
      (action) =>
        (triggerId === undefined || action.supported_triggers.some(({ id }) => id === triggerId)) &&
        (actionName === undefined || action.name === actionName) &&
        (deployed === undefined || String(deployedOf(action) !== undefined) === deployed),
    );
    const { items, ...rest } = page(req.query, found, ["triggerId", "actionName", "deployed", "installed"]);
    res.json({ actions: items.map(actionView), ...rest });
  });
  routes.post("/actions", create, (req, res) => {
    res.status(201).json(actionView(store.create(actionBody(req.body, { required: ["name", "supported_triggers"] }))));
  });
  routes.get("/actions/:id", read, (req, res) => void res.json(actionView(store.action(idOf(req)))));
  routes.patch(
    "/actions/:id",
    update,
    (req, res) => void res.json(actionView(store.update(idOf(req), actionBody(req.body)))),
  );
  routes.delete("/actions/:id", remove, (req, res) => {
    store.delete(idOf(req), req.query.force === "true");
    res.status(204).end();
  });
  routes.post("/actions/:id/deploy", create, (req, res) => {
    const version = store.deploy(idOf(req));
    res.json(versionOf(store.action(idOf(req)), version));
  });

  routes.get("/actions/:id/versions", read, (req, res) => {
    const action = store.action(idOf(req));
    const { items, ...rest } = page(req.query, action.versions);
    res.json({ versions: items.map((version) => versionOf(action, version)), ...rest });
  });
  routes.get("/actions/:id/versions/:version", read, (req, res) => {
    res.json(versionOf(store.action(idOf(req)), store.version(idOf(req), idOf(req, "version"))));
  });
  routes.post("/actions/:id/versions/:version/deploy", create, (req, res) => {
    const version = store.deployVersion(idOf(req), idOf(req, "version"));
    res.json(versionOf(store.action(idOf(req)), version));
  });

  routes.get("/triggers", read, (_req, res) => {
    const triggers = [...TRIGGERS].map(([id, version]) => ({
      id,
      version,
      status: "CURRENT",
      runtimes: RUNTIMES,
      default_runtime: RUNTIMES.at(-1),
      binding_policy: "trigger-bound",
      compatible_triggers: [],
    }));
    res.json({ triggers });
  });
  routes.get("/triggers/:id/bindings", read, (req, res) => {
    const { items, ...rest } = page(req.query, store.bindings(idOf(req)));
    res.json({ bindings: items.map(bindingView), ...rest });
  });
  routes.patch("/triggers/:id/bindings", update, (req, res) => {
    res.json({ bindings: store.bind(idOf(req), bindingsBody(req.body)).map(bindingView) });
  });

  // This tenant has no Actions Modules.
  routes.get("/modules", read, (req, res) => {
    const { items, ...rest } = page(req.query, []);
    res.json({ modules: items, ...rest });
  });
  return routes;
}

/** @param {import("express").Request} req @param {string} [name] of the path's parameter */
const idOf = ({ params }, name = "id") => String(params[name]);

/** @param {Action} action */
function actionView(action) {
  const { code, dependencies, runtime, secrets, status, built_at, errors } = action.draft;
  return {
    ...summaryOf(action),
    code,
    dependencies,
    runtime,
    status,
    built_at,
    errors,
    secrets: secrets.map(secretView),
    ...deployedVersion(action),
  };
}

/** @param {import("./store.js").Binding} binding */
const bindingView = ({ action, ...binding }) => ({
  ...binding,
  action: { ...summaryOf(action), ...deployedVersion(action) },
});

/** @param {Action} action */
function summaryOf(action) {
  const { id, name, supported_triggers, created_at, updated_at } = action;
  return { id, name, supported_triggers, created_at, updated_at, all_changes_deployed: allDeployed(action) };
}

/** @param {Action} action */
const deployedOf = ({ versions }) => versions.find(({ deployed }) => deployed);

/** Whether what runs is the draft. @param {Action} action */
function allDeployed(action) {
  const version = deployedOf(action);
  return version !== undefined && isDeepStrictEqual(contentOf(version), contentOf(action.draft));
}

/** @param {import("./store.js").Content} content */
const contentOf = ({ code, dependencies, runtime, secrets }) => ({ code, dependencies, runtime, secrets });

/** @param {Action} action */
function deployedVersion(action) {
  const version = deployedOf(action);
  return version && { deployed_version: versionView(action, version) };
}

/** @param {Action} action @param {Version} version */
const versionOf = (action, version) => ({
  ...versionView(action, version),
  action_id: action.id,
  action: summaryOf(action),
});

/** @param {Action} action @param {Version} version */
const versionView = ({ supported_triggers }, version) => ({
  ...version,
  status: "built",
  supported_triggers,
  secrets: version.secrets.map(secretView),
});

/** @param {import("./store.js").Secret} secret */
const secretView = ({ name, updated_at }) => ({ name, updated_at });
