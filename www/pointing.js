// How the page is pointed at: what its texts may speak of, and what has been done with a finger.

const isCoarse = () => matchMedia('(pointer: coarse)').matches;

/** Whether there is likely a keyboard: a device that is used with fingers alone has none. */
export const hasKeyboard = () => !isCoarse() || matchMedia('(any-pointer: fine)').matches;

let finger = false;

/** Whether what happens was asked for with a finger: a field that is focused then brings up a keyboard. */
export const byFinger = () => finger;

addEventListener('pointerdown', ({ pointerType }) => (finger = pointerType === 'touch'), { capture: true });
addEventListener('keydown', () => (finger = false), { capture: true });
