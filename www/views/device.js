// What runs where, and why: the processor or the graphics processor, with the speeds that were measured.

import { h, setText } from '../dom.js';
import { format, t } from '../i18n.js';
import { openPopup } from './popup.js';

/** @import { App } from '../app.js' */

const EVERY_MS = 250;

/**
 * @param {App} app
 * @param {HTMLElement} anchor
 */
export function openDevice(app, anchor) {
  const value = (/** @type {string} */ key) => {
    const shown = h('dd');
    return { shown, parts: [h('dt', {}, t(`device.${key}`)), shown] };
  };
  const rows = ['where', 'cpu', 'webgpu', 'adapter'].map(value);
  const [where, cpu, webgpu, adapter] = rows.map(({ shown }) => shown);
  const why = h('p', {});
  const choices = /** @type {const} */ (['auto', 'cpu', 'webgpu']).map((name) => {
    const input = h('input', { type: 'radio', name: 'device', value: name, onchange: () => choose(name) });
    return { name, input, element: h('label', { class: 'check' }, input, t(`header.device.${name}`)) };
  });
  const content = h(
    'div',
    { class: 'popup-form device', role: 'dialog', 'aria-label': t('device.title'), tabindex: '0' },
    h('h2', {}, t('device.title')),
    h(
      'fieldset',
      { class: 'choices', title: t('header.autoHint') },
      h('legend', {}, t('header.deviceMenu')),
      ...choices.map(({ element }) => element),
    ),
    h('dl', { class: 'facts' }, ...rows.flatMap(({ parts }) => parts)),
    why,
    h('p', { class: 'field-note' }, t('device.note')),
  );
  let best = 0;

  /** @param {'auto' | 'cpu' | 'webgpu'} device */
  function choose(device) {
    app.edit({ ...app.store.state.document, device });
  }

  function show() {
    for (const { name, input } of choices)
      input.checked = name === (app.store.state.document.device ?? 'auto');
    const { device, stepsPerSecond, status } = app.session.training;
    if (!where || !cpu || !webgpu) return;
    if (app.store.state.view.pace === 10 && stepsPerSecond) best = stepsPerSecond;
    setText(where, t(`device.${device?.chosen ?? 'cpu'}.name`));
    const rate = (/** @type {number | null | undefined} */ steps) =>
      steps ? t('device.rate', { rate: format.pace(steps) }) : t('device.unmeasured');
    setText(cpu, rate(device?.rates.cpu ?? (device?.chosen === 'webgpu' ? null : best)));
    setText(webgpu, rate(device?.rates.webgpu ?? (device?.chosen === 'webgpu' ? best : null)));
    setText(why, t(`device.why.${device?.reason ?? 'cpu'}`));
    content.dataset.status = status;
  }

  async function look() {
    if (!adapter) return;
    setText(adapter, t('device.looking'));
    try {
      const gpu = /** @type {any} */ (navigator).gpu;
      const found = await gpu?.requestAdapter();
      const { vendor, architecture, description } = found?.info ?? {};
      const name = description || [vendor, architecture].filter(Boolean).join(' ');
      setText(
        adapter,
        !gpu ? t('device.noWebgpu') : !found ? t('device.noAdapter') : name || t('device.some'),
      );
    } catch (error) {
      setText(adapter, String(error));
    }
  }

  show();
  const timer = setInterval(show, EVERY_MS);
  openPopup(anchor, content, { onclose: () => clearInterval(timer) });
  void look();
}
