// What runs where, and why: the processor or the graphics processor, with the speeds that were measured.

import { h, setText } from '../dom.js';
import { format, has, t } from '../i18n.js';
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
  const choices = ['auto', 'cpu', 'webgpu'].map((name) => {
    const radio = h('input', {
      type: 'radio',
      name: 'device',
      value: name,
      onchange: () => app.edit({ ...app.store.state.document, device: name }),
    });
    return {
      radio,
      name,
      element: h('label', { class: 'check' }, radio, h('span', {}, t(`header.device.${name}`))),
    };
  });
  const content = h(
    'div',
    { class: 'popup-form device', role: 'dialog', 'aria-label': t('device.title') },
    h('h2', {}, t('device.title')),
    h(
      'fieldset',
      { class: 'radios' },
      h('legend', {}, t('device.choose')),
      ...choices.map(({ element }) => element),
    ),
    h('dl', { class: 'facts' }, ...rows.flatMap(({ parts }) => parts)),
    why,
    h('p', { class: 'field-note' }, t('device.note')),
  );
  let best = 0;

  function show() {
    const { device, stepsPerSecond, status } = app.session.training;
    if (!where || !cpu || !webgpu) return;
    if (app.store.state.view.pace === 10 && stepsPerSecond) best = stepsPerSecond;
    for (const { radio, name } of choices) radio.checked = app.store.state.document.device === name;
    setText(where, t(`device.${device?.chosen ?? 'cpu'}.name`));
    const rate = (/** @type {number | null | undefined} */ steps) =>
      steps ? t('device.rate', { rate: format.pace(steps) }) : t('device.unmeasured');
    setText(cpu, rate(device?.rates.cpu ?? (device?.chosen === 'webgpu' ? null : best)));
    setText(webgpu, rate(device?.rates.webgpu ?? (device?.chosen === 'webgpu' ? best : null)));
    const reason = `device.why.${device?.reason ?? 'cpu'}`;
    setText(why, has(reason) ? t(reason) : '');
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
