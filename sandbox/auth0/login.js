/**
 * Universal Login: the page, and what it sends.
 */
import express from "express";
import { pageHeaders } from "../page.js";
import { errorPage, loginPage } from "./pages.js";

/**
 * @param {object} tenant
 * @param {import("./provider.js").Provider} tenant.provider
 * @param {import("./users.js").Users} tenant.users
 * @param {import("./directory.js").Directory} tenant.directory
 * @param {import("./transactions.js").Transactions} tenant.transactions
 * @param {import("./exchanges.js").Exchanges} tenant.exchanges
 * @param {string} tenant.formAction where the form may lead, along all redirects
 */
export function loginRoutes({ provider, users, directory, transactions, exchanges, formAction }) {
  const routes = express.Router();

  /** The login that waits for a password, and its transaction. @param {import("express").Request} req */
  const find = async ({ query }) => {
    const interaction = typeof query.state === "string" ? await provider.Interaction.find(query.state) : undefined;
    const transaction = transactions.find(/** @type {any} */ (interaction)?.cid);
    if (interaction?.prompt.name !== "login" || !transaction) return undefined;
    return { interaction, transaction };
  };

  /** What the organization that the login is for is called. @param {Record<string, unknown>} params */
  const organizationOf = (params) => {
    const organization = directory.organization(params.organization);
    return organization && (organization.display_name ?? organization.name);
  };

  /** @param {import("express").Request} req @param {import("express").Response} res */
  const show = async (req, res) => {
    const login = await find(req);
    res.set(pageHeaders(formAction));
    if (!login) return void res.status(400).send(expired());
    const { params, uid } = login.interaction;
    const hint = typeof params.login_hint === "string" ? params.login_hint : undefined;
    const organization = organizationOf(params);
    res.send(loginPage({ action: actionOf(uid), email: hint, users: users.hint, organization }));
  };

  /** @param {import("express").Request} req @param {import("express").Response} res */
  const submit = async (req, res) => {
    const login = await find(req);
    res.set(pageHeaders(formAction));
    if (!login) return void res.status(400).send(expired());
    const { interaction, transaction } = login;
    const { email, password } = req.body ?? {};
    if (transaction.login) exchanges.bind(req, transaction.login, { body: { ...req.body } });

    const { connection } = interaction.params;
    const user = users.authenticate(
      email,
      password,
      (user) => !connection || directory.connectionOf(user).name === connection,
    );
    if (!user) {
      const page = {
        action: actionOf(interaction.uid),
        email: String(email ?? ""),
        problem: "Wrong email or password.",
        users: users.hint,
        organization: organizationOf(interaction.params),
      };
      exchanges.of(req).said = "wrong email or password";
      return void res.status(400).send(loginPage(page));
    }
    transaction.byForm = true;
    transaction.login?.set({ user: user.email });
    interaction.result = {
      ...interaction.lastSubmission,
      login: { accountId: user.user_id, ts: Math.floor(Date.now() / 1000) },
    };
    await interaction.persist();
    res.redirect(303, interaction.returnTo);
  };

  routes.get("/u/login", show);
  routes.post("/u/login", express.urlencoded({ extended: false }), submit);
  return routes;
}

/** @param {string} uid */
const actionOf = (uid) => `/u/login?state=${encodeURIComponent(uid)}`;

const expired = () =>
  errorPage({
    title: "This login has expired",
    text: "It was finished already, or it took too long.",
    code: "invalid_request",
  });
