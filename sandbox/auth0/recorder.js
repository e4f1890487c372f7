/**
 * The logins that the inspector shows: who said what to whom, and when.
 */
import { EventEmitter } from "node:events";

/**
 * @typedef {"browser" | "auth0" | "action" | "elsewhere"} Party
 *
 * @typedef {object} Arrow
 * @property {number} id within its login
 * @property {Party} from
 * @property {Party} to
 * @property {string} label
 * @property {number} at milliseconds since the login began
 * @property {number} [ms] how long this took
 * @property {"plain" | "good" | "bad"} tone
 * @property {boolean} answer
 * @property {Record<string, unknown>} detail masked
 *
 * @typedef {object} ArrowInput
 * @property {Party} from
 * @property {Party} to
 * @property {string} label
 * @property {Record<string, unknown>} detail
 * @property {number} [time] of `performance.now()`
 * @property {number} [ms]
 * @property {Arrow["tone"]} [tone]
 * @property {boolean} [answer]
 */

const KEPT = 50;

/** One login, in the widest sense: whatever runs the trigger. */
export class Login {
  /** @type {Arrow[]} */
  arrows = [];
  user = "";
  outcome = "";
  /** @type {Arrow["tone"]} */
  tone = "plain";
  #started;
  #mask;
  #changed;

  /**
   * @param {string} id
   * @param {string} kind
   * @param {number} started
   * @param {<T>(value: T) => T} mask
   * @param {() => void} changed
   */
  constructor(id, kind, started, mask, changed) {
    this.id = id;
    this.kind = kind;
    this.date = new Date(Date.now() - (performance.now() - started));
    this.#started = started;
    this.#mask = mask;
    this.#changed = changed;
  }

  /** From the first arrow to the last. */
  get ms() {
    return this.arrows.at(-1)?.at ?? 0;
  }

  /** What its Action took, before and after redirects. */
  get actionMs() {
    return this.arrows.reduce((sum, { from, to, ms = 0 }) => sum + (from === "action" && to === "auth0" ? ms : 0), 0);
  }

  /** @param {ArrowInput} input */
  add({ time = performance.now(), tone = "plain", answer = false, label, detail, ...rest }) {
    /** @type {Arrow} */
    const arrow = {
      ...rest,
      id: this.arrows.length + 1,
      tone,
      answer,
      label: this.#mask(label),
      detail: this.#mask(detail),
      at: Math.max(0, time - this.#started),
    };
    // What is told late stands where it happened.
    const later = this.arrows.findIndex(({ at }) => at > arrow.at);
    this.arrows.splice(later === -1 ? this.arrows.length : later, 0, arrow);
    this.#changed();
    return {
      /** Adds to what is told of the arrow. @param {Record<string, unknown>} more */
      tell: (more) => {
        Object.assign(arrow.detail, this.#mask(more));
        this.#changed();
      },
    };
  }

  /** @param {Partial<Pick<Login, "user" | "outcome" | "tone" | "kind">>} facts */
  set(facts) {
    Object.assign(this, this.#mask(facts));
    this.#changed();
  }
}

export class Recorder extends EventEmitter {
  /** @type {Login[]} the newest first */
  logins = [];
  version = 0;
  #count = 0;
  #mask;

  /** @param {<T>(value: T) => T} mask */
  constructor(mask) {
    super();
    this.setMaxListeners(0);
    this.#mask = mask;
  }

  /** @param {string} kind @param {number} [started] of `performance.now()` */
  begin(kind, started = performance.now()) {
    this.#count += 1;
    const login = new Login(String(this.#count), kind, started, this.#mask, () => this.#changed());
    this.logins = [login, ...this.logins].slice(0, KEPT);
    this.#changed();
    return login;
  }

  /** @param {string} id */
  find(id) {
    return this.logins.find((login) => login.id === id);
  }

  #changed() {
    this.version += 1;
    this.emit("change");
  }
}
