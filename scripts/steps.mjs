// Says how far something has come that takes a while: on stderr, in plain lines that look the same in a log. A step is one
// line, and one more every few seconds for as long as it lasts.
import { AsyncLocalStorage } from 'node:async_hooks';

const EVERY_MS = 5000;

/** @typedef {{ print?: (line: string) => void, everyMs?: number }} Telling */
/** @typedef {string | (() => string)} State how far it is; a function is asked whenever it is told */
/** @typedef {(state: State) => void} Report */

/**
 * The numbered step that something is done as part of, and so has no lines of its own.
 * @type {AsyncLocalStorage<Report>}
 */
const current = new AsyncLocalStorage();

/**
 * Counts steps: `2 of 5: building`. Several may go on at a time.
 * @param {number} total
 * @param {Telling} telling
 */
export function steps(total, telling = {}) {
  let number = 0;
  /**
   * @template T
   * @param {string} title
   * @param {(report: Report) => Promise<T>} work
   * @returns {Promise<T>}
   */
  function next(title, work) {
    return tellOf(`${++number} of ${total}: ${title}`, telling, report => current.run(report, () => work(report)));
  }
  return next;
}

/**
 * Does something that may take a while, as part of the step that is going on or as one without a number.
 * @template T
 * @param {string} title
 * @param {(report: Report) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const report = current.getStore();
  if (!report) return tellOf(title, {}, work);
  report(title);
  const result = await work(state => report(() => `${title}: ${textOf(state)}`));
  report('');
  return result;
}

/**
 * @template T
 * @param {string} title
 * @param {Telling} telling
 * @param {(report: Report) => Promise<T>} work
 */
async function tellOf(title, { print = console.error, everyMs = EVERY_MS }, work) {
  print(title);
  const began = performance.now();
  /** @type {State} */
  let state = '';
  const timer = setInterval(() => {
    const seconds = `${Math.round((performance.now() - began) / 1000)} s`;
    print(`${title}: ${[textOf(state), seconds].filter(text => text !== '').join(', ')}`);
  }, everyMs);
  try {
    return await work(news => (state = news));
  } finally {
    clearInterval(timer);
  }
}

/** @param {State} state */
function textOf(state) {
  return typeof state === 'string' ? state : state();
}
