// A slider that is under the finger when a page is scrolled: the browser sets it where it is touched, before anybody
// can know whether the finger slides it or scrolls the page. What it says until then is held back, and is taken over
// when the finger has slid, or has only tapped; a slider that was scrolled by is put back.

/** The way of a finger, in pixels, after which the browser has settled whether it scrolls. */
const SETTLED = 15;

/** The touch whose meaning is open. @type {{ down: PointerEvent, slider: HTMLInputElement, before: string, now: string } | undefined} */
let touch;

/** @param {boolean} meant whether the slider was */
function settle(meant) {
  if (!touch) return;
  const { down, slider, before, now } = touch;
  touch = undefined;
  // A touch that something else has taken, such as a popup that it closes, is none of the slider's.
  const taken = meant && !down.defaultPrevented;
  // The page may have been drawn meanwhile, with the value that it knows.
  slider.value = taken ? now : before;
  if (taken && now !== before) slider.dispatchEvent(new Event('input', { bubbles: true }));
}

/** @param {PointerEvent} event */
const isIts = ({ pointerId }) => pointerId === touch?.down.pointerId;

addEventListener(
  'pointerdown',
  (down) => {
    const { target: slider, pointerType } = down;
    if (pointerType !== 'touch' || !(slider instanceof HTMLInputElement) || slider.type !== 'range') return;
    settle(false);
    touch = { down, slider, before: slider.value, now: slider.value };
  },
  { capture: true },
);

addEventListener(
  'input',
  (event) => {
    if (!touch || event.target !== touch.slider) return;
    event.stopImmediatePropagation();
    touch.now = touch.slider.value;
  },
  { capture: true },
);

addEventListener(
  'pointermove',
  (event) => {
    if (!touch || !isIts(event)) return;
    const [across, along] = [event.clientX - touch.down.clientX, event.clientY - touch.down.clientY];
    if (Math.abs(across) > Math.max(SETTLED, Math.abs(along))) settle(true);
  },
  { capture: true },
);

addEventListener('pointerup', (event) => isIts(event) && settle(true), { capture: true });
addEventListener('pointercancel', (event) => isIts(event) && settle(false), { capture: true });
