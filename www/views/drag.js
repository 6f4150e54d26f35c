// Rows of a list that are dragged by a handle, with a mouse or a finger. Keys and buttons are the list's business.

/**
 * @param {HTMLElement} list whose children are the rows
 * @param {string} handle a selector
 * @param {(from: number, to: number) => void} moved
 */
export function dragRows(list, handle, moved) {
  list.addEventListener('pointerdown', (down) => {
    const { target } = down;
    if (!(target instanceof Element) || down.button !== 0) return;
    const grip = target.closest(handle);
    const row = grip?.closest('li');
    if (!(grip instanceof HTMLElement) || !(row instanceof HTMLElement)) return;
    down.preventDefault();
    grip.setPointerCapture(down.pointerId);
    const rows = /** @type {HTMLElement[]} */ ([...list.children]);
    const from = rows.indexOf(row);
    const boxes = rows.map((each) => each.getBoundingClientRect());
    let to = from;
    row.classList.add('dragged');
    const aborter = new AbortController();
    const { signal } = aborter;

    /** @param {boolean} drop */
    function end(drop) {
      aborter.abort();
      row?.classList.remove('dragged');
      row?.style.removeProperty('translate');
      for (const each of rows) each.classList.remove('drop-before', 'drop-after');
      if (drop && to !== from) moved(from, to);
    }

    grip.addEventListener(
      'pointermove',
      ({ clientY }) => {
        row.style.setProperty('translate', `0 ${clientY - down.clientY}px`);
        const middles = boxes.map(({ top, height }) => top + height / 2);
        // A row goes where its pointer has passed the middle of another.
        to = from;
        while (to > 0 && clientY < Number(middles[to - 1])) to -= 1;
        while (to < rows.length - 1 && clientY > Number(middles[to + 1])) to += 1;
        rows.forEach((each, at) => {
          each.classList.toggle('drop-before', at === to && to < from);
          each.classList.toggle('drop-after', at === to && to > from);
        });
      },
      { signal },
    );
    grip.addEventListener('pointerup', () => end(true), { signal });
    grip.addEventListener('pointercancel', () => end(false), { signal });
    document.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        end(false);
      },
      { signal, capture: true },
    );
  });
}
