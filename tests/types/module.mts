// The types of an import and of action.js are the same, and have no default export, as the files have none.

import * as action from "../../pkg/action.js";
import { createAction, type Options, onExecutePostLogin } from "../../pkg/index.mjs";

const options: Options = { region: "eu" };
export const same: (typeof createAction)[] = [action.createAction];
export const handlers = [createAction(options).onExecutePostLogin, onExecutePostLogin, action.onContinuePostLogin];

// @ts-expect-error no default export
import def from "../../pkg/index.mjs";

export { def };
