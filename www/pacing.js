// The pace of a training that shall go no faster than somebody can follow.

export class Pacing {
  /** Steps a second that the reader wants; null is flat out. @type {number | null} */
  wanted = null;
  /** Steps since it began. */
  steps = 0;
  since = 0;

  /** @param {number} now */
  begin(now) {
    this.since = now;
    this.steps = 0;
  }

  /** How many steps there should have been by now, without those that there were. @param {number} now */
  #late = (now) => ((now - this.since) * Number(this.wanted)) / 1000 - this.steps;

  /** How many may be made now. @param {number} now */
  due(now) {
    if (this.wanted === null) return Infinity;
    // Who could not keep up does not hurry later.
    if (this.#late(now) > 1 + this.wanted / 10) this.begin(now);
    return Math.max(0, Math.floor(this.#late(now)) + 1);
  }

  /** Milliseconds until the next may be made. @param {number} now */
  wait(now) {
    return this.since + (1000 * this.steps) / Number(this.wanted) - now;
  }
}
