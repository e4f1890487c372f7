/**
 * `api.groups` and `api.roles`: what they check, and the empty answers that Auth0's test kit gives.
 */

/** @typedef {import("./execution.js").Execution} Execution */

/** @param {{ from?: unknown, take?: unknown }} page */
function checkPage({ from, take }) {
  if (from !== undefined && typeof from !== "string") {
    throw new Error('The "from" parameter must be a string if provided.');
  }
  if (take !== undefined && !(Number.isInteger(take) && Number(take) > 0)) {
    throw new Error('The "take" parameter must be a positive integer if provided.');
  }
}

/** @param {string} name @param {unknown} list */
function checkList(name, list) {
  if (!Array.isArray(list) || list.length === 0) {
    throw new Error(`The "${name}" parameter must be a non-empty array of strings.`);
  }
}

export class GroupsApi {
  #execution;

  /** @param {Execution} execution */
  constructor(execution) {
    this.#execution = execution;
  }

  /** @param {{ from?: string, take?: number }} [page] */
  async getUserGroups(page = {}) {
    this.#execution.called("groups.getUserGroups", arguments);
    checkPage(page);
    return { groups: [] };
  }

  /** @param {string[]} groups */
  async hasGroupMembership(groups) {
    this.#execution.called("groups.hasGroupMembership", arguments);
    checkList("groups", groups);
    return { memberships: {} };
  }
}

export class RolesApi {
  #execution;

  /** @param {Execution} execution */
  constructor(execution) {
    this.#execution = execution;
  }

  /** @param {{ from?: string, take?: number }} [page] */
  async getUserEffectiveRoles(page = {}) {
    this.#execution.called("roles.getUserEffectiveRoles", arguments);
    checkPage(page);
    return { roles: [] };
  }

  /** @param {string[]} ids */
  async getUserEffectiveRolesByIds(ids) {
    this.#execution.called("roles.getUserEffectiveRolesByIds", arguments);
    checkList("ids", ids);
    return { roles: [] };
  }

  /** @param {string[]} names */
  async getUserEffectiveRolesByNames(names) {
    this.#execution.called("roles.getUserEffectiveRolesByNames", arguments);
    checkList("names", names);
    return { roles: [] };
  }
}
