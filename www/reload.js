// Only in what `cargo xtask serve` builds: loads the page anew when a build has finished.

if (typeof document !== 'undefined') {
  const url = new URL('./build-id', document.baseURI);
  /** @type {string | undefined} */
  let current;
  setInterval(async () => {
    if (document.hidden) return;
    const response = await fetch(url, { cache: 'no-store' }).catch(() => undefined);
    const id = response?.ok ? await response.text() : undefined;
    if (current !== undefined && id !== undefined && id !== current) location.reload();
    current = id ?? current;
  }, 1000);
}
