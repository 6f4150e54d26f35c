// When the page is drawn: in the next frame after anything that a reader has done. What the training tells in between
// may wait where drawing takes long, so that the browser has time to show it and to scroll.

/** What is drawn keeps the browser busy for longer than the drawing: layout, painting and putting it together. */
const TIMES = 6;
/** Frames of a screen are never exactly as long as another. */
const HALF_A_FRAME_MS = 8;

/**
 * @param {() => void} draw
 * @param {object} [clock]
 * @param {(callback: () => void) => void} [clock.request] calls back in the next frame
 * @param {() => number} [clock.now]
 */
export function createFrames(draw, { request = requestAnimationFrame, now = () => performance.now() } = {}) {
  /** A frame will come. */
  let coming = false;
  let hurried = false;
  let rests = -Infinity;

  function frame() {
    coming = false;
    const began = now();
    if (!hurried && began < rests) return ask();
    hurried = false;
    draw();
    rests = began + TIMES * (now() - began) - HALF_A_FRAME_MS;
  }

  function ask() {
    if (!coming) request(frame);
    coming = true;
  }

  return {
    /** In the next frame. */
    next() {
      hurried = true;
      ask();
    },
    /** When there is time for it. */
    soon: ask,
  };
}
