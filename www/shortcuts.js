// The keys of the whole page: run and pause, undo and redo.

/** Fields in which something was typed since they got the focus. @type {WeakSet<EventTarget>} */
const dirty = new WeakSet();

/** @param {{ toggleRun: () => void, undo: () => void, redo: () => void }} app */
export function startShortcuts(app) {
  document.addEventListener('input', ({ target }) => target && dirty.add(target));
  document.addEventListener('change', ({ target }) => target && dirty.delete(target));
  document.addEventListener('focusout', ({ target }) => target && dirty.delete(target));
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.key === 'Enter') return app.toggleRun();
    if (event.key.toLowerCase() !== 'z' || isTyping(event.target)) return;
    event.preventDefault();
    if (event.shiftKey) app.redo();
    else app.undo();
  });
}

/** Someone who is typing takes back letters, not edits. @param {EventTarget | null} target */
const isTyping = (target) =>
  target instanceof HTMLTextAreaElement ||
  (target instanceof HTMLInputElement &&
    target.type === 'text' &&
    target.value !== target.defaultValue &&
    dirty.has(target));
