/**
 * What Auth0 allows an Action. Bytes are counted in UTF-8.
 */

/** One Action's source, in bytes; npm packages are not counted. */
export const SOURCE_BYTES = 100_000;

/** One execution of the trigger, all its Actions together. */
export const EXECUTION_MS = 20_000;

/** One Action's console output in one execution: what it may print, and what of that Auth0 keeps. */
export const CONSOLE = { bytes: 256 * 1024, keptCharacters: 256 };

/** A scope that an Action adds or removes. */
export const SCOPE_CHARACTERS = 280;

/** Transaction metadata; `totalBytes` counts keys and values. */
export const METADATA = { keyCharacters: 64, valueBytes: 8 * 1024, totalBytes: 16 * 1024 };

/** The cache of `api.cache`; `totalBytes` counts keys and values. */
export const CACHE = { entries: 20, keyBytes: 64, valueBytes: 4 * 1024, totalBytes: 8 * 1024, ttlMs: 15 * 60 * 1000 };

/** The protocols in which a redirect is an error. */
export const NO_REDIRECT = ["oauth2-refresh-token", "oauth2-password", "oauth2-resource-owner", "oauth2-webauthn"];

/** The secrets of one Action. */
export const SECRETS = { entries: 30, valueCharacters: 4096 };
