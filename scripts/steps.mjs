// Says how far something has come that takes a while: on stderr, in plain lines that look the same in a log. A step is one
// line, and one more every few seconds for as long as it lasts.
const EVERY_MS = 5000;

/** @typedef {{ print?: (line: string) => void, everyMs?: number }} Telling */
/** @typedef {string | (() => string)} State how far it is; a function is asked whenever it is told */
/** @typedef {(state: State) => void} Report */

/**
 * The numbered step that is going on: what is done as part of it has no lines of its own.
 * @type {{ report: Report } | undefined}
 */
let current;

/**
 * Counts steps: `2 of 5: building`.
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
    return tellOf(`${++number} of ${total}: ${title}`, telling, async report => {
      current = { report };
      try {
        return await work(report);
      } finally {
        current = undefined;
      }
    });
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
  if (!current) return tellOf(title, {}, work);
  const { report } = current;
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
