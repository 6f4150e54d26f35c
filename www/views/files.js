// Files in and out, without the network.

import { h } from '../dom.js';

/**
 * @param {string} name
 * @param {string | Blob} content
 * @param {string} type
 */
export function download(name, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = h('a', { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * Lets the reader choose a text file.
 * @param {string} accept
 * @param {(text: string, name: string) => void} take
 */
export function openText(accept, take) {
  const input = h('input', { type: 'file', accept, hidden: true });
  input.addEventListener('change', async () => {
    const file = input.files?.[0];
    input.remove();
    if (file) take(await file.text(), file.name);
  });
  input.addEventListener('cancel', () => input.remove());
  document.body.append(input);
  input.click();
}
