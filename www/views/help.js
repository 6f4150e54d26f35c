// Explanations on demand: while help is on, what is pointed at, focused or tapped explains itself instead of acting.
// Escape, or the button again, ends it.

import { h, setAttribute, setText } from '../dom.js';
import { has, t } from '../i18n.js';
import { hasKeyboard } from '../pointing.js';
import { RULES } from './help-rules.js';

/** What is explained by itself. */
const CONTROLS =
  'button, input, select, textarea, canvas, summary, [role], label, [title], [data-help], .layer-unit';

/** What opens something still does while help is on, so that what is in it can be explained, too; and it closes again. */
const OPENS = '[aria-haspopup], .dialog-head button';

/** What has opened the menu that is open. */
const OPENER = '[aria-haspopup="menu"][aria-expanded="true"]';

/**
 * What is explained in place of an element: the control that it is the label of, the button that its menu is of.
 * @param {Element} element
 */
function subjectOf(element) {
  if (element.closest('.menu')) return document.querySelector(OPENER) ?? element;
  return element.closest('label')?.control ?? element;
}

/**
 * The explanation of an element: its own, or what its name and its tooltip say.
 * @param {Element} element
 */
export function explain(element) {
  const subject = subjectOf(element);
  for (const [selector, key] of RULES) {
    const found = subject.closest(selector);
    if (!found) continue;
    const text = `help.${key || found.getAttribute('data-help')}`;
    if (!hasKeyboard() && has(`${text}.touch`)) return t(`${text}.touch`);
    if (has(text)) return t(text);
  }
  const named = element.closest(CONTROLS) ?? element;
  const title = named.getAttribute('title') ?? '';
  const label =
    named.getAttribute('aria-label') ?? named.closest('label')?.textContent ?? named.textContent ?? '';
  return title || label.trim().slice(0, 200);
}

/** @type {AbortController | undefined} */
let on;

/** @param {HTMLElement} button */
export function toggleHelp(button) {
  if (on) return on.abort();
  const aborter = new AbortController();
  on = aborter;
  const { signal } = aborter;
  const bubble = h('div', { class: 'help-bubble', role: 'status' });
  document.body.classList.add('helping');
  setAttribute(button, 'aria-pressed', 'true');
  /** @type {Element | undefined} */
  let marked;

  /** @param {Element} element */
  function place(element) {
    // Over a dialog or a popup stands only what is in it.
    const home = element.closest('dialog, .popup') ?? button.closest('header') ?? document.body;
    if (bubble.parentElement !== home) home.append(bubble);
    const box = element.getBoundingClientRect();
    const { width, height } = bubble.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, innerWidth - width - 8));
    const below = box.bottom + 6;
    const top = below + height > innerHeight - 8 ? Math.max(8, box.top - height - 6) : below;
    bubble.style.setProperty('left', `${left}px`);
    bubble.style.setProperty('top', `${top}px`);
  }

  place(button);
  setText(bubble, explain(button));

  /** @param {EventTarget | null} target */
  function show(target) {
    const control = target instanceof Element ? target.closest(CONTROLS) : null;
    if (!control || bubble.contains(control)) return;
    const text = explain(control);
    if (!text) return;
    marked?.classList.remove('helped');
    marked = control;
    marked.classList.add('helped');
    setText(bubble, text);
    place(control);
  }

  /** @param {Event} event */
  function instead(event) {
    const { target } = event;
    if (!(target instanceof Element) || button.contains(target)) return;
    // A key may still act: it is no tap that asks what something is.
    if (event instanceof MouseEvent && event.type === 'click' && event.detail === 0) return;
    show(target);
    if (target.closest(OPENS)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  document.addEventListener(
    'pointerover',
    ({ target, pointerType }) => pointerType !== 'touch' && show(target),
    { signal },
  );
  document.addEventListener('focusin', ({ target }) => show(target), { signal });
  for (const type of ['click', 'mousedown', 'pointerdown', 'dblclick'])
    document.addEventListener(type, instead, { signal, capture: true });
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      aborter.abort();
      button.focus();
    },
    { signal, capture: true },
  );
  signal.addEventListener('abort', () => {
    on = undefined;
    bubble.remove();
    marked?.classList.remove('helped');
    document.body.classList.remove('helping');
    setAttribute(button, 'aria-pressed', 'false');
  });
}
