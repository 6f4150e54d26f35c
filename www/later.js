// Work that is put off until nobody asks for it any more: keeping a large document takes longer than a frame, and who
// types one cell after the other is not to notice.

/** Waiting takes so much longer than the work did the last time. */
const TIMES = 50;
/** Who goes on asking does not put it off for longer. */
const MOST_MS = 5000;

/**
 * @param {() => void} work
 * @param {number} least how long it waits at least, in milliseconds
 * @param {() => number} [now] the time
 */
export function createLater(work, least, now = () => performance.now()) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let asked = 0;
  let wait = least;

  /** Does it at once, whether anybody has asked or not. */
  function atOnce() {
    clearTimeout(timer);
    timer = undefined;
    const began = now();
    work();
    wait = Math.min(Math.max(least, TIMES * (now() - began)), MOST_MS);
  }

  return {
    /** Does it when nobody has asked for a while. */
    ask() {
      if (timer === undefined) asked = now();
      clearTimeout(timer);
      timer = setTimeout(atOnce, Math.min(wait, asked + MOST_MS - now()));
    },
    /** Does what was asked for, without waiting; says whether there was anything. */
    settle() {
      const due = timer !== undefined;
      if (due) atOnce();
      return due;
    },
    atOnce,
  };
}
