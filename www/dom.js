// Making and changing elements. Text is always set as text, never as markup.

/** @typedef {Node | string | null | undefined | false} Child */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An element with attributes, listeners (`onclick`) and children. `false`, `null` and `undefined` leave an
 * attribute out, `true` sets it empty.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  fill(element, props, children);
  return element;
}

/**
 * The same for SVG.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [props]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, props = {}, ...children) {
  const element = /** @type {SVGElementTagNameMap[K]} */ (document.createElementNS(SVG, tag));
  fill(element, props, children);
  return element;
}

/**
 * @param {Element} element
 * @param {Record<string, unknown>} props
 * @param {Child[]} children
 */
function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith('on') && typeof value === 'function') {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else {
      setAttribute(element, name, value);
    }
  }
  for (const child of children) if (child) element.append(child);
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value
 */
export function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? '' : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/**
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * A field's value, unless the reader is typing in it.
 * @param {HTMLInputElement | HTMLSelectElement} field
 * @param {string} value
 */
export function setValue(field, value) {
  if (field.value !== value) field.value = value;
}

/**
 * Brings the children of `parent` in line with `items`: elements are kept by key, so focus stays where it is.
 * @template T
 * @template {Element} E
 * @param {Element} parent
 * @param {T[]} items
 * @param {(item: T, index: number) => string} key
 * @param {(item: T, index: number) => E} create
 * @param {(element: E, item: T, index: number) => void} [update]
 */
export function list(parent, items, key, create, update) {
  /** @type {Map<string, E>} */
  const old = new Map();
  for (const child of parent.children)
    old.set(child.getAttribute('data-key') ?? '', /** @type {E} */ (child));
  items.forEach((item, index) => {
    const name = key(item, index);
    let element = old.get(name);
    if (element) old.delete(name);
    else {
      element = create(item, index);
      element.setAttribute('data-key', name);
    }
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null);
    update?.(element, item, index);
  });
  for (const element of old.values()) element.remove();
}

/** @type {Record<string, string>} Strokes on a 16-unit square. */
const ICONS = {
  reset: 'M3.2 8a4.8 4.8 0 1 0 1.5-3.5M3 2.6v2.9h2.9',
  play: 'M5 3.2v9.6L12.8 8z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  epoch: 'M2.5 8h8M7.5 5l3 3-3 3M13 3.5v9',
  batch: 'M5.5 8h7.5M10 5l3 3-3 3M3 5.5v5',
  undo: 'M6 3 3 6l3 3M3 6h6.2a3.6 3.6 0 0 1 0 7.2H6.5',
  redo: 'M10 3l3 3-3 3M13 6H6.8a3.6 3.6 0 0 0 0 7.2h2.7',
  plus: 'M8 3.5v9M3.5 8h9',
  minus: 'M3.5 8h9',
  up: 'M8 12.5v-9M4.5 7 8 3.5 11.5 7',
  down: 'M8 3.5v9M4.5 9 8 12.5 11.5 9',
  close: 'M4 4l8 8M12 4l-8 8',
  chevron: 'M4.5 6.5 8 10l3.5-3.5',
  moon: 'M12.8 9.6A5.3 5.3 0 1 1 6.4 3.2a4.3 4.3 0 0 0 6.4 6.4z',
  sun: 'M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1',
  warning: 'M8 2.5 14 13H2zM8 6.5v3M8 11v.4',
  more: 'M8 3.6v.1M8 8v.1M8 12.4v.1',
  dice: 'M3 3h10v10H3zM5.8 5.8v.1M10.2 10.2v.1M8 8v.1',
  options: 'M2.5 5h11M2.5 11h11M6 3v4M10.5 9v4',
  grip: 'M6 4v.1M10 4v.1M6 8v.1M10 8v.1M6 12v.1M10 12v.1',
  help: 'M5.7 6a2.3 2.3 0 1 1 3.2 2.1c-.6.3-.9.7-.9 1.4M8 12.2v.1',
};

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  return svg(
    'svg',
    { class: `icon icon-${name}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    svg('path', { d: ICONS[name] }),
  );
}

/**
 * A button with a text, an icon, or both.
 * @param {object} options
 * @param {string} [options.text]
 * @param {string} [options.icon]
 * @param {string} [options.label] for buttons that show only an icon; also their tooltip
 * @param {string} [options.class]
 * @param {string} [options.id]
 * @param {(event: MouseEvent) => void} options.onclick
 */
export function button({ text, icon: name, label, class: classes, id, onclick }) {
  const props = {
    type: 'button',
    class: classes ?? 'button',
    id,
    'aria-label': label,
    title: label,
    onclick,
  };
  return h('button', props, name && icon(name), text && h('span', { class: 'button-text' }, text));
}

let lastId = 0;
/** An id that nothing else on the page has. */
export const freshId = () => `id${(lastId += 1)}`;
