import { CACHE } from "./limits.js";

/**
 * @typedef {{ value: string, expires_at: number }} CacheRecord
 * @typedef {{ type: "success", record?: CacheRecord } | { type: "error", code: string }} CacheResult
 */

/** What `api.cache` stores. It lives as long as the loaded Action, and outlives its executions. */
export class Cache {
  /** @type {Map<string, CacheRecord>} */
  #records = new Map();

  /** @param {string} key @returns {CacheRecord | undefined} */
  get(key) {
    this.#expire();
    const record = this.#records.get(key);
    return record && { ...record };
  }

  /**
   * @param {string} key
   * @param {string} value
   * @param {{ ttl?: number, expires_at?: number }} [options] in milliseconds; the earlier one counts
   * @returns {CacheResult}
   */
  set(key, value, { ttl = CACHE.ttlMs, expires_at = Infinity } = {}) {
    this.#expire();
    const others = [...this.#records].filter(([other]) => other !== key);
    const total = others.reduce(
      (sum, [other, record]) => sum + bytes(other) + bytes(record.value),
      bytes(key) + bytes(value),
    );
    const record = { value, expires_at: Math.floor(Math.min(Date.now() + ttl, expires_at)) };

    if (bytes(key) > CACHE.keyBytes) return failure("CacheKeySizeExceeded");
    if (bytes(value) > CACHE.valueBytes) return failure("CacheValueSizeExceeded");
    if (others.length >= CACHE.entries) return failure("CacheEntriesExceeded");
    if (total > CACHE.totalBytes) return failure("CacheSizeExceeded");
    if (!Number.isSafeInteger(record.expires_at)) return failure("InvalidExpiry");
    if (record.expires_at <= Date.now()) return failure("ItemAlreadyExpired");
    this.#records.set(key, record);
    return { type: "success", record: { ...record } };
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
