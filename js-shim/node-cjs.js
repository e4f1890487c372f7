// Node's own modules, loaded when they are needed.

/** @param {string} name */
export const node = (name) => require(`node:${name}`);
