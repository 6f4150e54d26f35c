// What the bundler makes of files that are no scripts.

declare module '*.json?later' {
  const messages: Record<string, string | Record<string, string>>;
  export default messages;
}
