/**
 * `/continue`: the user comes back from where the Action sent them.
 */
import express from "express";
import { pageHeaders } from "../page.js";
import { errorPage } from "./pages.js";

/**
 * @param {object} tenant
 * @param {import("./provider.js").Provider} tenant.provider
 * @param {import("./users.js").Users} tenant.users
 * @param {import("./sessions.js").Sessions} tenant.sessions
 * @param {import("./transactions.js").Transactions} tenant.transactions
 * @param {import("./exchanges.js").Exchanges} tenant.exchanges
 * @param {ReturnType<typeof import("./trigger.js").createTrigger>} tenant.trigger
 */
export function continueRoutes({ provider, users, sessions, transactions, exchanges, trigger }) {
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
    interaction.result =
      outcome.type === "deny"
        ? { error: "access_denied", error_description: outcome.reason }
        : { ...interaction.lastSubmission };
    await interaction.persist();
    res.redirect(303, interaction.returnTo);
  };

  routes.get("/continue", comeBack);
  routes.post("/continue", express.urlencoded({ extended: true }), comeBack);
  return routes;
}

const unknown = () =>
  errorPage({
    title: "This login can't go on",
    text: "Its state is unknown, was used already, or belongs to another browser.",
    code: "invalid_request",
  });
