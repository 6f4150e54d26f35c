// What the bundler makes of files that are no scripts.

declare module 'gradus:languages' {
  export const LANGUAGES: import('./i18n.js').Language[];
}

/** Whether this is what readers get, not what `cargo xtask serve` builds. */
declare const RELEASE: boolean;

/** What the build gives the service worker. */
declare const VERSION: string;
declare const FILES: string[];
