import { CACHE } from "./limits.js";

/**
 * @typedef {{ value: string, expires_at: number }} CacheRecord
 * @typedef {{ type: "success", record?: CacheRecord } | { type: "error", code: string }} CacheResult
 */

/** What `api.cache` stores. It lives as long as the loaded Action, and outlives its executions. */
export class Cache {
  /** @type {Map<string, CacheRecord>} */
  #records = new Map();

  /** The record itself, as at Auth0: what an Action changes in it stays. @param {string} key */
  get(key) {
    this.#expire();
    return this.#records.get(key);
  }

  /**
   * @param {string} key
   * @param {string} value
   * @param {{ ttl?: number, expires_at?: number } | null} [options] in milliseconds; the earlier one counts
   * @returns {CacheResult}
   */
  set(key, value, options) {
    this.#expire();
    const now = Date.now();
    const { ttl, expires_at } = options ?? {};
    const others = [...this.#records].filter(([other]) => other !== key);
    const total = others.reduce(
      (sum, [other, record]) => sum + bytes(other) + bytes(record.value),
      bytes(key) + bytes(value),
    );
    const ends = [ttl === undefined ? undefined : now + Math.floor(ttl), expires_at].filter((end) => end !== undefined);
    const record = { value, expires_at: ends.length > 0 ? Math.floor(Math.min(...ends)) : now + CACHE.ttlMs };

    if (bytes(key) > CACHE.keyBytes) return failure("CacheKeySizeExceeded");
    if (bytes(value) > CACHE.valueBytes) return failure("CacheValueSizeExceeded");
    if (others.length >= CACHE.entries) return failure("CacheEntriesExceeded");
    if (total > CACHE.totalBytes) return failure("CacheSizeExceeded");
    if (![ttl, expires_at].every((end) => end === undefined || Number.isFinite(end))) return failure("InvalidExpiry");
    if (record.expires_at <= now) return failure("ItemAlreadyExpired");
    if (!Number.isSafeInteger(record.expires_at)) return failure("InvalidExpiry");
    this.#records.set(key, record);
    return { type: "success", record };
  }

  /** @param {string} key @returns {CacheResult} */
  delete(key) {
    return this.#records.delete(key) ? { type: "success" } : failure("CacheKeyDoesNotExist");
  }

  #expire() {
    for (const [key, { expires_at }] of this.#records) if (expires_at <= Date.now()) this.#records.delete(key);
  }
}

/** @param {string} text */
const bytes = (text) => Buffer.byteLength(text);

/** @param {string} code @returns {CacheResult} */
const failure = (code) => ({ type: "error", code });
