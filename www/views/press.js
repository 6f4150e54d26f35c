// A field that is left by a press elsewhere tells of it when the press is over: what it then changes, such as a message
// below it that goes, would move the page between the button's going down and up, and the click would be lost.

/** While the browser moves the focus because of a press. */
let pressing = false;
/** @type {(() => void)[]} */
let waiting = [];

/** How a press ends; the click comes after it. A key comes only if its end was missed. */
const ENDS = ['mouseup', 'pointercancel', 'dragend', 'keydown', 'pagehide'];

/** @param {() => void} work */
export function afterPress(work) {
  if (pressing) waiting.push(work);
  else work();
}

addEventListener(
  'mousedown',
  () => {
    pressing = true;
    setTimeout(() => (pressing = false));
  },
  { capture: true },
);

for (const end of ENDS)
  addEventListener(
    end,
    () => {
      pressing = false;
      const works = waiting;
      waiting = [];
      for (const work of works) work();
    },
    { capture: true },
  );

/** @param {EventTarget | null} target */
const isText = (target) =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type === 'text');

addEventListener(
  'change',
  (event) => {
    const { target } = event;
    if (!pressing || !isText(target)) return;
    event.stopImmediatePropagation();
    afterPress(() => target?.dispatchEvent(new Event('change', { bubbles: true })));
  },
  { capture: true },
);
