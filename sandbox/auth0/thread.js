/**
 * An Action in a thread of its own. At Auth0 no other code of ours runs in an Action's process. Here the tenant, the
 * application and a test's browser use `fetch`, or load it by importing `node:http`, and an Action that looks at the
 * process's `fetch` before it sends would see that.
 */
import { Worker } from "node:worker_threads";

/**
 * @typedef {import("./runtime.js").LoadOptions & import("./runtime.js").Source} Options
 * @typedef {import("./execution.js").Handler} Handler
 * @typedef {import("./execution.js").Event} Event
 * @typedef {import("./execution.js").Result} Result
 * @typedef {import("./observe.js").Observer} Observer
 * @typedef {import("./observe.js").SentRequest} SentRequest
 *
 * @typedef {{ id: number, handler: Handler, event: Event, timeoutMs?: number }} Task what the thread is asked to execute
 *
 * @typedef {{ type: "loaded" }
 *   | { type: "result", id: number, result: Result }
 *   | { type: "error", id: number, error: unknown }
 *   | { type: "request", id: number, exchange: number, request: SentRequest }
 *   | { type: "exchange", exchange: number, step: keyof import("./observe.js").Exchange, value: any }
 * } Message what the thread reports
 *
 * @typedef {Awaited<ReturnType<typeof startAction>>} ActionThread
 */

/**
 * Loads an Action as `loadAction` does, and rejects where that does. The process goes on until the thread is closed.
 *
 * @param {Options} options
 */
export async function startAction(options) {
  const worker = new Worker(new URL("./thread.worker.js", import.meta.url), { workerData: options });
  /**
   * @type {Map<number, { resolve: (result: Result) => void, reject: (error: unknown) => void, observer?: Observer }>}
   */
  const running = new Map();
  /** @type {Map<number, import("./observe.js").Exchange>} */
  const exchanges = new Map();
  let count = 0;
  let retired = false;
  let over = false;

  /** @param {number} id */
  const settle = (id) => {
    const execution = running.get(id);
    running.delete(id);
    if (retired && running.size === 0) void close();
    return execution;
  };

  /** @param {Message} message */
  const receive = (message) => {
    switch (message.type) {
      case "result":
        return settle(message.id)?.resolve(message.result);
      case "error":
        return settle(message.id)?.reject(message.error);
      case "request": {
        const exchange = running.get(message.id)?.observer?.(message.request);
        return exchange && void exchanges.set(message.exchange, exchange);
      }
      case "exchange": {
        const { exchange, step, value } = message;
        exchanges.get(exchange)?.[step](value);
        if (step === "read" || step === "failed") exchanges.delete(exchange);
      }
    }
  };

  const close = async () => {
    await worker.terminate();
  };

  const ended = new Promise((resolve) => {
    /** @param {unknown} error */
    const end = (error) => {
      over = true;
      for (const id of [...running.keys()]) settle(id)?.reject(error);
      resolve(error);
    };
    worker.on("error", end).on("exit", () => end(new Error("The Action's thread ended")));
  });
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    void ended.then(reject);
  });
  worker.on("message", receive);

  return {
    /** Once the thread has ended, by `close`, or by an error that nobody caught. */
    ended,

    /**
     * Runs one handler, as the loaded Action's `execute` does. It rejects if the thread ends meanwhile.
     *
     * @param {Handler} handler
     * @param {Event} event
     * @param {{ observer?: Observer, timeoutMs?: number }} [options] `timeoutMs`: as `loadAction` has it
     * @returns {Promise<Result>}
     */
    execute: (handler, event, { observer, timeoutMs } = {}) =>
      new Promise((resolve, reject) => {
        if (over) throw new Error("The Action's thread has ended");
        count += 1;
        const id = count;
        /** @type {Task} */
        const task = { id, handler, event, timeoutMs };
        worker.postMessage(task);
        running.set(id, { resolve, reject, observer });
      }),

    /** Ends the thread at once. */
    close,

    /** Ends the thread after the executions that are running, and after those that begin in this turn. */
    retire() {
      setImmediate(() => {
        retired = true;
        if (running.size === 0) void close();
      });
    },
  };
}
