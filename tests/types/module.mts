// The types of an import and of action.js are the same, and have no default export, as the files have none.

import { createAction, onExecutePostLogin, type Options } from "../../pkg/index.mjs";
import * as action from "../../pkg/action.js";

const options: Options = { region: "eu" };
export const same: (typeof createAction)[] = [action.createAction];
export const handlers = [createAction(options).onExecutePostLogin, onExecutePostLogin, action.onContinuePostLogin];

// @ts-expect-error no default export
import def from "../../pkg/index.mjs";
export { def };
