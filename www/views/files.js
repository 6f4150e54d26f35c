// Files in and out, without the network.

import { h } from '../dom.js';
import { has, t } from '../i18n.js';

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
 * The text of a file: UTF-8, or UTF-16 with its mark; otherwise in the encoding that spreadsheet programs save CSV in
 * where the reader's language is spoken.
 * @param {Blob} file
 */
export async function textOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const marks = { 'utf-16le': [0xff, 0xfe], 'utf-16be': [0xfe, 0xff] };
  for (const [encoding, mark] of Object.entries(marks))
    if (mark.every((byte, at) => bytes[at] === byte)) return new TextDecoder(encoding).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder(has('language.encoding') ? t('language.encoding') : 'windows-1252').decode(bytes);
  }
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
    if (file) take(await textOf(file), file.name);
  });
  input.addEventListener('cancel', () => input.remove());
  document.body.append(input);
  input.click();
}
