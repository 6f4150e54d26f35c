// A panel that opens below a button, for menus and small forms. Escape, a click elsewhere and Tab past its end close it.

import { h, setAttribute } from '../dom.js';

/** @type {(() => void) | undefined} */
let closeOpen;

const STOPS = ':is(a[href], :enabled, [tabindex="0"]):not([tabindex="-1"])';

/**
 * @param {HTMLElement} anchor
 * @param {HTMLElement} content
 * @param {object} [options]
 * @param {() => void} [options.onclose]
 */
export function openPopup(anchor, content, { onclose } = {}) {
  closeOpen?.();
  // It takes the focus itself where a press hits no control in it: else what it stands in would, outside of it.
  const popup = h('div', { class: 'popup', tabindex: '-1' }, content);
  // Inside the landmark that it belongs to.
  (anchor.closest('section, header') ?? document.body).append(popup);
  place(popup, anchor);
  const grown = new ResizeObserver(() => place(popup, anchor));
  grown.observe(popup);
  setAttribute(anchor, 'aria-expanded', 'true');
  const aborter = new AbortController();
  const { signal } = aborter;

  /** @param {boolean} [refocus] */
  function close(refocus = false) {
    if (closeOpen !== close) return;
    closeOpen = undefined;
    aborter.abort();
    grown.disconnect();
    popup.remove();
    setAttribute(anchor, 'aria-expanded', 'false');
    onclose?.();
    if (refocus) anchor.focus();
  }
  closeOpen = close;

  /** What is being typed is taken over: a field that is removed tells nobody that it has changed. */
  function settle() {
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement && popup.contains(activeElement)) activeElement.blur();
  }

  const wrong = () => /** @type {HTMLElement | null} */ (popup.querySelector('[aria-invalid="true"]'));

  document.addEventListener(
    'pointerdown',
    (event) => {
      const { target } = event;
      if (target instanceof Node && (popup.contains(target) || anchor.contains(target))) return;
      const touched = event.pointerType === 'touch';
      if (touched) keepTo(event);
      const told = wrong();
      settle();
      // A number that cannot be taken over stays, with its message: Escape drops it, or a finger's second tap.
      if (!(wrong() instanceof HTMLInputElement) || (touched && told)) close();
    },
    { signal, capture: true },
  );
  document.addEventListener(
    'keydown',
    ({ key, target }) => {
      // The press has taken the focus elsewhere.
      if (key === 'Escape' && wrong() && target instanceof Node && !popup.contains(target)) close(true);
    },
    { signal },
  );
  popup.addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Tab') return leave(event);
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      close(true);
    },
    { signal },
  );

  /**
   * The popup stands elsewhere in the document than its button: past either end Tab goes on from the button. What has
   * been typed is taken over first; what cannot be keeps the focus, beside its message.
   * @param {KeyboardEvent} event
   */
  function leave(event) {
    const stops = [...popup.querySelectorAll(STOPS)].filter((each) => each.checkVisibility());
    // A menu has no stops: its items are reached by arrow keys.
    const ends = event.shiftKey ? [popup, stops[0]] : [stops.at(-1)];
    if (stops.length > 0 && !ends.some((end) => end === document.activeElement)) return;
    anchor.focus();
    if (wrong()) {
      event.preventDefault();
      return wrong()?.focus();
    }
    if (event.shiftKey) event.preventDefault();
    close();
  }
  popup.addEventListener(
    'focusout',
    ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !popup.contains(relatedTarget) && relatedTarget !== anchor)
        close();
    },
    { signal },
  );
  window.addEventListener('resize', () => close(), { signal });
  const first = /** @type {HTMLElement | null} */ (
    popup.querySelector('[autofocus], input, button, [tabindex="0"]')
  );
  first?.focus();
  return close;
}

/**
 * What is tapped beside a popup, to be rid of it, is not meant: it hears nothing of the tap. Scrolling stays.
 * @param {PointerEvent} down
 */
function keepTo(down) {
  // Not the mouse either that browsers make of a finger; the click comes from the end of the touch.
  down.preventDefault();
  down.stopPropagation();
  const over = new AbortController();
  const { signal } = over;
  const end = (/** @type {Event} */ event) => {
    if (event.type === 'touchend' && event.cancelable) event.preventDefault();
    over.abort();
  };
  down.target?.addEventListener('touchend', end, { signal });
  down.target?.addEventListener('touchcancel', end, { signal });
}

/**
 * @param {HTMLElement} popup
 * @param {HTMLElement} anchor
 */
function place(popup, anchor) {
  const box = anchor.getBoundingClientRect();
  const { width, height } = popup.getBoundingClientRect();
  const margin = 8;
  const left = Math.max(margin, Math.min(box.left, innerWidth - width - margin));
  const below = box.bottom + 4;
  const top = below + height > innerHeight - margin ? Math.max(margin, box.top - height - 4) : below;
  popup.style.setProperty('left', `${left}px`);
  popup.style.setProperty('top', `${top}px`);
}

/**
 * A menu of choices (ARIA's menu pattern).
 * @param {HTMLElement} anchor
 * @param {{ text: string, hint?: string, checked?: boolean, separate?: boolean, onchoose: () => void }[]} items
 * @param {string} label
 */
export function openMenu(anchor, items, label) {
  /** @type {(refocus?: boolean) => void} */
  let close = () => {};
  const elements = items.map(({ text, hint, checked, separate, onchoose }) => {
    const props = {
      type: 'button',
      class: separate ? 'menu-item menu-separate' : 'menu-item',
      role: checked === undefined ? 'menuitem' : 'menuitemradio',
      'aria-checked': checked === undefined ? null : String(checked),
      tabindex: '-1',
      onclick: () => {
        close(true);
        onchoose();
      },
    };
    return h('button', props, h('span', {}, text), hint ? h('span', { class: 'menu-hint' }, hint) : null);
  });
  const menu = h('div', { class: 'menu', role: 'menu', 'aria-label': label, onkeydown: move }, ...elements);

  /** @param {KeyboardEvent} event */
  function move(event) {
    const at = elements.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: elements.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    elements.at(to % elements.length)?.focus();
  }

  close = openPopup(anchor, menu);
  (elements[items.findIndex(({ checked }) => checked)] ?? elements[0])?.focus();
}
