// A login through an Action's file, as the Actions runtime runs it: `node log-in.js FILE EVENT`. Prints what the
// execute hook gave. It runs under the Node that is tested.

import { loadAction } from "../../sandbox/auth0/runtime.js";

const [, , file, event] = process.argv;
const action = await loadAction({ file });
const { status, command, error, console: lines } = await action.execute("onExecutePostLogin", JSON.parse(event));
console.log(JSON.stringify({ status, command, error: error?.message, lines: lines.map(({ text }) => text) }));
