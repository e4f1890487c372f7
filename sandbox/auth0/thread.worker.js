// The thread's side of thread.js. Nothing here may import `node:http`: from Node 22 on that loads Node's `fetch`.

import { parentPort, workerData } from "node:worker_threads";
import { loadAction } from "./runtime.js";

/** @typedef {import("./thread.js").Message} Message */

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const report = (/** @type {Message} */ message) => port.postMessage(message);
const action = await loadAction(workerData);
let exchanges = 0;

port.on("message", (/** @type {import("./thread.js").Task} */ { id, handler, event, timeoutMs }) => {
  action.execute(handler, event, { observer: observerOf(id), timeoutMs }).then(
    (result) => report({ type: "result", id, result }),
    (error) => report({ type: "error", id, error }),
  );
});
report({ type: "loaded" });

/** Reports the requests of one execution. @param {number} id @returns {import("./observe.js").Observer} */
function observerOf(id) {
  return (request) => {
    exchanges += 1;
    const exchange = exchanges;
    report({ type: "request", id, exchange, request });
    /** @param {keyof import("./observe.js").Exchange} step */
    const forward = (step) => (/** @type {unknown} */ value) => report({ type: "exchange", exchange, step, value });
    return { sent: forward("sent"), answered: forward("answered"), read: forward("read"), failed: forward("failed") };
  };
}
