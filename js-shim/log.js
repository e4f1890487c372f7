// The one line of a hook.

import { given } from "./options.js";

/**
 * Writes it to the option `console`, or to the Action's own. A console that fails costs the line, and nothing else.
 * @param {string} line
 * @param {any} own the option, as far as the module has read it
 * @param {any} options of which the module may have read nothing
 */
export function log(line, own, options) {
  try {
    own ??= given(options, "console");
    // A `log` of somebody's own may return a promise, which nobody waits for.
    Promise.resolve((Object(own) === own ? own : console).log(line)).catch(() => {});
  } catch {}
}
