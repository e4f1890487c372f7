/**
 * `/continue`: the user comes back from where the Action sent them.
 */
import express from "express";
import { pageHeaders } from "../page.js";
import { errorPage, formPage } from "./pages.js";

/**
 * @param {object} tenant
 * @param {import("./provider.js").Provider} tenant.provider
 * @param {import("./users.js").Users} tenant.users
 * @param {import("./sessions.js").Sessions} tenant.sessions
 * @param {import("./transactions.js").Transactions} tenant.transactions
 * @param {import("./exchanges.js").Exchanges} tenant.exchanges
 * @param {ReturnType<typeof import("./trigger.js").createTrigger>} tenant.trigger
 * @param {string} tenant.formAction where a Form may lead, along all redirects
 */
export function continueRoutes({ provider, users, sessions, transactions, exchanges, trigger, formAction }) {
  const routes = express.Router();

  /**
   * What waits for this `state` in this browser.
   * @param {import("express").Request} req
   * @param {import("express").Response} res
   * @param {unknown} state
   */
  const find = async (req, res, state) => {
    const suspended = transactions.peek(state);
    if (!suspended) return undefined;
    const session = await provider.Session.get(provider.createContext(req, res));
    const { transaction } = suspended;
    if (session.uid !== suspended.session || session.accountId !== transaction.userId) return undefined;
    const interaction = await provider.Interaction.find(suspended.interaction);
    const user = users.find(transaction.userId ?? "");
    return interaction && user && { interaction, transaction, user, session: sessions.find(session.uid) };
  };

  /** @param {import("express").Request} req @param {import("express").Response} res */
  const comeBack = async (req, res) => {
    const query = { ...req.query };
    const body = { ...req.body };
    const state = body.state ?? query.state;
    const found = await find(req, res, state);
    if (!found) return void res.status(400).set(pageHeaders()).send(unknown());
    if (!isFields(body.fields)) return void res.status(400).set(pageHeaders()).send(noFields());
    transactions.use(state);

    const { interaction, transaction, user, session } = found;
    const { login } = transaction;
    if (login) {
      const detail = { method: req.method, url: exchanges.of(req).detail.url };
      login.add({
        from: "elsewhere",
        to: "browser",
        label: "back to /continue",
        answer: true,
        time: exchanges.of(req).started,
        detail,
      });
      exchanges.bind(req, login, { body });
    }
    const outcome = await trigger("onContinuePostLogin", { transaction, user, session, request: req, query, body });

    if (outcome.type === "redirect") {
      const next = { transaction, interaction: interaction.uid, session: session?.uid ?? "" };
      return res.redirect(303, transactions.leave(outcome.url, next));
    }
    if (outcome.type === "proceed") transaction.passed = true;
    if (outcome.type === "deny" && outcome.session?.revoked) sessions.revoke(session?.uid);
    interaction.result =
      outcome.type === "deny"
        ? { error: "access_denied", error_description: outcome.reason }
        : { ...interaction.lastSubmission };
    await interaction.persist();
    res.redirect(303, interaction.returnTo);
  };

  // The page of a Form, which is a redirect within the tenant.
  routes.get("/u/form", async (req, res) => {
    const { state } = req.query;
    const form = (await find(req, res, state))?.transaction.form;
    res.set(pageHeaders(formAction));
    if (!form) return void res.status(400).send(unknown());
    res.send(formPage({ ...form, state: String(state) }));
  });

  routes.get("/continue", comeBack);
  routes.post("/continue", express.urlencoded({ extended: true }), comeBack);
  return routes;
}

/** Whether it can be what a Form gave: a JSON object, or nothing. @param {unknown} text */
function isFields(text) {
  if (text === undefined) return true;
  try {
    const fields = JSON.parse(String(text));
    return typeof fields === "object" && fields !== null && !Array.isArray(fields);
  } catch {
    return false;
  }
}

const noFields = () =>
  errorPage({ title: "That is no JSON object", text: "Go back, and correct the fields.", code: "invalid_request" });

const unknown = () =>
  errorPage({
    title: "This login can't go on",
    text: "Its state is unknown, was used already, or belongs to another browser.",
    code: "invalid_request",
  });
