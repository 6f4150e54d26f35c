// What the bundler makes of files that are no scripts.

declare module '*.json?later' {
  const messages: Record<string, string | Record<string, string>>;
  export default messages;
}

/** Whether this is what readers get, not what `cargo xtask serve` builds. */
declare const RELEASE: boolean;

/** What the build gives the service worker. */
declare const VERSION: string;
declare const FILES: string[];
