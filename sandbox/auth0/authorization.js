/**
 * The trigger in an authorization request: at the login form's end, at SSO without a form, and at
 * `prompt=none`.
 */
import { errors } from "./provider.js";

/**
 * @typedef {import("oidc-provider").KoaContextWithOIDC} Context
 * @typedef {import("./transactions.js").Transaction} Transaction
 * @typedef {import("./grants.js").Tenant} Tenant
 */

/** @param {Tenant} tenant */
export function createAuthorization({
  users,
  directory,
  sessions,
  transactions,
  recorder,
  exchanges,
  granted,
  trigger,
}) {
  /** @type {WeakMap<Context, Transaction>} */
  const current = new WeakMap();

  /**
   * The transaction of this request: the one that it goes on with, or a new one.
   * @param {Context} context
   * @param {string} kind
   */
  const transactionOf = (context, kind) => {
    const { req, oidc, query } = context;
    const transaction =
      current.get(context) ??
      transactions.find(oidc.entities.Interaction?.cid) ??
      transactions.begin({
        protocol: oidc.deviceCode ? "oauth2-device-code" : "oidc-basic-profile",
        clientId: oidc.client?.clientId ?? "",
        query: { ...(oidc.deviceCode?.params ?? query) },
      });
    current.set(context, transaction);
    transaction.login ??= recorder.begin(kind, exchanges.of(req).started);
    exchanges.bind(req, transaction.login);
    return transaction;
  };

  return {
    /**
     * Runs the trigger, or finds that it has ended. True: the user has to go where the Action wants.
     *
     * @param {Context} context
     * @throws an `access_denied` where the login is denied
     */
    async trigger(context) {
      const { req, oidc } = context;
      const user = users.find(oidc.session?.accountId ?? "");
      if (!oidc.session || !user) throw new errors.AccessDenied("The user is not known any more.");
      const session = sessions.open(oidc.session.uid, user.user_id, oidc.session.loginTs);
      const silent = oidc.prompts.has("none");
      const transaction = transactionOf(context, silent ? "Silent login" : "SSO");
      const { login } = transaction;
      login?.set({ user: user.email });
      const organization = directory.organization(transaction.query.organization);
      if (organization && !directory.isMember(organization, user)) {
        throw new errors.AccessDenied(`user ${user.user_id} is not part of the ${organization.id} organization`);
      }
      transaction.organization = organization;

      const goOn = () => {
        if (oidc.entities.Grant) granted.set(oidc.entities.Grant.jti, transaction, login);
        transactions.end(oidc.entities.Interaction?.cid);
        return false;
      };
      if (transaction.passed && transaction.userId === user.user_id) return goOn();

      Object.assign(transaction, { userId: user.user_id, passed: false });
      users.countLogin(user);
      const method = transaction.byForm ? "POST" : req.method;
      const outcome = await trigger("onExecutePostLogin", {
        transaction,
        user,
        session,
        request: req,
        method,
        query: transaction.query,
      });
      if (outcome.type === "deny") {
        if (outcome.session?.revoked) sessions.revoke(session.uid);
        throw new errors.AccessDenied(outcome.reason);
      }
      if (outcome.type === "redirect") transaction.sendTo = outcome.url;
      return outcome.type === "redirect" || goOn();
    },

    /**
     * Where the user has to go: the login form, or where the Action wants.
     * @param {Context} context
     * @param {any} interaction
     */
    interact(context, interaction) {
      const transaction = transactionOf(context, "Login");
      transactions.keep(interaction, transaction);
      if (interaction.prompt.name === "login") return `/u/login?state=${encodeURIComponent(interaction.uid)}`;

      const session = context.oidc.session?.uid ?? "";
      // The provider scopes a cookie by what it is told here, and must not do so by another origin's path.
      context.state.sendTo = transactions.leave(transaction.sendTo ?? "", {
        transaction,
        interaction: interaction.uid,
        session,
      });
      return "/continue";
    },
  };
}
