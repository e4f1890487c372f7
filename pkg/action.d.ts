/**
 * `action.js` is a file to paste or deploy. It exports what the package does, with its settings in its options block.
 */
export * from "./index.js";
