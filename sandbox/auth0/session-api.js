/**
 * `api.session` and `api.refreshToken`: their metadata, their end, and what is only checked here. The texts are those of
 * Auth0's test kit.
 */

/** @typedef {import("./execution.js").Execution} Execution */

const METADATA = { entries: 25, characters: 255 };

/**
 * What is wrong with metadata, if anything.
 * @param {Record<string, string>} metadata
 */
function problemOf(metadata) {
  const entries = Object.entries(metadata);
  if (entries.length > METADATA.entries) return "Metadata must not contain more than 25 entries";
  for (const [key, value] of entries) {
    if (key.length > METADATA.characters) return "All metadata keys must be at most 255 characters long";
    if (key.includes("\0")) return "Metadata keys must not contain null bytes (\0)";
    if (!/^[\w-]+$/.test(key)) return "Metadata keys may only include letters, numbers, underscores, or hyphens";
    if (value.length > METADATA.characters) return "All metadata values must be at most 255 characters long";
    if (value.includes("\0")) return "Metadata values must not contain null bytes (\0)";
  }
}

/**
 * The metadata with one entry set, or removed by null.
 *
 * @param {Record<string, string>} metadata
 * @param {unknown} key
 * @param {unknown} value
 */
function changed(metadata, key, value) {
  if (typeof key !== "string") throw new Error("Invalid metadata: Metadata key must be a string");
  const { [key]: _, ...rest } = metadata;
  if (value === null) return rest;
  if (typeof value !== "string") throw new Error("Invalid metadata: Metadata value must be a string");
  const next = { ...metadata, [key]: value };
  const problem = problemOf(next);
  if (problem) throw new Error(`Invalid metadata: ${problem}`);
  return next;
}

/** @param {unknown} time */
function checkExpiry(time) {
  if (!time) throw new Error("Either inactivity or absolute expiration time must be provided");
  if (typeof time !== "number") throw new Error("An expiration time must be a number of milliseconds since 1970.");
}

/** @param {unknown} reason */
function checkReason(reason) {
  if (typeof reason !== "string") throw new Error("A reason must be a string.");
}

export class SessionApi {
  #execution;

  /** @param {Execution} execution */
  constructor(execution) {
    this.#execution = execution;
  }

  /** Ends the session, and the login with it. @param {string} reason @param {object} [options] */
  revoke(reason, options) {
    this.#execution.called("session.revoke", arguments);
    checkReason(reason);
    this.#execution.denial = { type: "deny", reason };
    this.#execution.session.revoked = true;
  }

  /** @param {number} absolute */
  setExpiresAt(absolute) {
    this.#execution.called("session.setExpiresAt", arguments);
    checkExpiry(absolute);
  }

  /** @param {number} inactivity */
  setIdleExpiresAt(inactivity) {
    this.#execution.called("session.setIdleExpiresAt", arguments);
    checkExpiry(inactivity);
  }

  /** @param {string} mode */
  setCookieMode(mode) {
    this.#execution.called("session.setCookieMode", arguments);
    if (!mode) throw new Error("Cookie mode must be provided");
    if (!["persistent", "non-persistent"].includes(mode)) {
      throw new Error(`Invalid cookie mode: ${mode}. Valid values are 'persistent' and 'non-persistent'.`);
    }
  }

  /** @param {string} key @param {string | null} value null removes the entry */
  setMetadata(key, value) {
    this.#execution.called("session.setMetadata", arguments);
    try {
      if (!this.#metadata) throw new Error("Cannot set metadata on a session that does not exist.");
      this.#keep(changed(this.#metadata, key, value));
    } catch (error) {
      throw new Error(`Failed to set session metadata: ${/** @type {Error} */ (error).message}`);
    }
  }

  /** @param {string} key */
  deleteMetadata(key) {
    this.#execution.called("session.deleteMetadata", arguments);
    if (this.#metadata && key in this.#metadata) this.#keep(changed(this.#metadata, key, null));
  }

  evictMetadata() {
    this.#execution.called("session.evictMetadata", arguments);
    if (this.#metadata) this.#keep({});
  }

  /** @returns {Record<string, string> | undefined} nothing without a session */
  get #metadata() {
    const { session } = this.#execution.event;
    return session && (session.metadata ?? {});
  }

  /** It shows in the event at once. @param {Record<string, string>} metadata */
  #keep(metadata) {
    this.#execution.session.metadata = metadata;
    this.#execution.event.session.metadata = { ...metadata };
  }
}

export class RefreshTokenApi {
  #execution;
  /** @type {Record<string, string>} */
  #metadata;

  /** @param {Execution} execution */
  constructor(execution) {
    this.#execution = execution;
    this.#metadata = { ...execution.event.refresh_token?.metadata };
  }

  /** Ends the token, and the login with it. @param {string} reason */
  revoke(reason) {
    this.#execution.called("refreshToken.revoke", arguments);
    checkReason(reason);
    this.#execution.denial = { type: "deny", reason };
    this.#execution.session.tokenRevoked = true;
  }

  /** @param {number} absolute */
  setExpiresAt(absolute) {
    this.#execution.called("refreshToken.setExpiresAt", arguments);
    checkExpiry(absolute);
  }

  /** @param {number} inactivity */
  setIdleExpiresAt(inactivity) {
    this.#execution.called("refreshToken.setIdleExpiresAt", arguments);
    checkExpiry(inactivity);
  }

  /** @param {string} key @param {string | null} value null removes the entry */
  setMetadata(key, value) {
    this.#execution.called("refreshToken.setMetadata", arguments);
    try {
      this.#metadata = changed(this.#metadata, key, value);
    } catch (error) {
      throw new Error(`Failed to set refresh token metadata: ${/** @type {Error} */ (error).message}`);
    }
  }

  /** @param {string} key */
  deleteMetadata(key) {
    this.#execution.called("refreshToken.deleteMetadata", arguments);
    this.#metadata = changed(this.#metadata, String(key), null);
  }

  evictMetadata() {
    this.#execution.called("refreshToken.evictMetadata", arguments);
    this.#metadata = {};
  }
}
