// Where the keys of a slider lead along the axis of a chart.

/**
 * Undefined for keys that lead nowhere. The first one reads the end itself, or what is before it.
 * @param {string} key
 * @param {number | undefined} cursor
 * @param {{ first: number, last: number, one: number, page: number }} axis where it ends, and how far keys lead
 */
export function placeByKey(key, cursor, { first, last, one, page }) {
  const at = cursor ?? last;
  const on = cursor === undefined ? at : at + one;
  const to = {
    ArrowLeft: at - one,
    ArrowDown: at - one,
    ArrowRight: on,
    ArrowUp: on,
    PageDown: at - page,
    PageUp: at + page,
    Home: first,
    End: last,
  }[key];
  return to === undefined ? undefined : Math.max(first, Math.min(last, to));
}
