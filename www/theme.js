// Light or dark: what the reader chose, otherwise what the system says.

import { remember, remembered } from './i18n.js';

const STORAGE_KEY = 'gradus:theme';
const system = matchMedia('(prefers-color-scheme: dark)');

/** @type {string | null} */
let chosen = remembered(STORAGE_KEY);

export const isDark = () => (chosen === 'dark' || chosen === 'light' ? chosen === 'dark' : system.matches);

/** @param {() => void} changed */
export function startTheme(changed) {
  apply();
  system.addEventListener('change', () => {
    apply();
    changed();
  });
}

export function toggleTheme() {
  chosen = isDark() ? 'light' : 'dark';
  remember(STORAGE_KEY, chosen);
  apply();
}

function apply() {
  document.documentElement.dataset.theme = isDark() ? 'dark' : 'light';
}
