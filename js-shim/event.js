// What the module reads of the event only if an option asks for it.

/**
 * The value at a path such as "client.name", or `undefined`.
 * @param {any} event
 * @param {string} path
 */
export const valueAt = (event, path) => path.split(".").reduce((value, name) => value?.[name], event);
