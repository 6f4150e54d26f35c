// Of many things that can be read, the Tab key stops at one; the arrow keys go to the others.

/**
 * Goes from one to another of them, where there is another.
 * @param {HTMLElement} from
 * @param {HTMLElement | undefined} to
 * @param {KeyboardEvent} event of the key that leads there
 */
export function rove(from, to, event) {
  if (!to) return;
  event.preventDefault();
  from.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}
