// Faults: what is switched on, what each has done, and another one to switch on.

import { $, closable, h, keyed, mark, open, say, submits } from './dom.js';
import { FaultForm } from './fault_form.js';
import { write } from './flow.js';
import { count, plural, words } from './format.js';

export class Faults {
  /** `changed()` is called when a fault was added or removed. */
  constructor(api, act, changed) {
    this.api = api;
    this.act = act;
    this.changed = changed;
    this.form = null;
    closable($('fault'));
    $('fault-open').addEventListener('click', () => this.ask());
    $('faults-clear').addEventListener('click', async () => {
      await act(api.delete('/v1/faults'));
      changed();
    });
    submits($('fault-form'), async () => {
      const fault = await api.post('/v1/faults', this.form.mapping());
      changed(`Added: ${textOf(fault)}${fault.note ? `\n${fault.note}` : ''}`);
    });
    $('fault-form').addEventListener('input', () => this.form.show());
  }

  render(faults) {
    say($('faults-count'), faults.length ? count(faults.length) : '');
    mark($('faults-clear'), 'hidden', faults.length ? null : '');
    mark($('faults-empty'), 'hidden', faults.length ? '' : null);
    say($('faults-empty'), 'No fault is on: clients get everything, at once and whole.');
    keyed($('fault-list'), faults, (fault) => fault.id, (fault) => this.#make(fault), update);
  }

  #make(fault) {
    const remove = h('button', { class: 'quiet', 'aria-label': `Remove fault ${fault.id}` }, 'Remove');
    remove.addEventListener('click', async () => {
      remove.disabled = true;
      await this.act(this.api.delete(`/v1/faults/${encodeURIComponent(fault.id)}`));
      remove.disabled = false;
      this.changed();
    });
    return h('li', {}, h('div', {}, h('code'), h('small')), remove);
  }

  /** Open the form; for one client, where one is given. */
  async ask(client = null) {
    if (this.form === null) {
      const schema = await this.act(this.api.get('/v1/schema/fault'));
      if (schema === null) return;
      this.form ??= new FaultForm($('fault-fields'), $('fault-preview'), schema);
    }
    this.form.set('client', client === null ? '' : (client.name ?? client.id));
    open($('fault'));
    this.form.select.focus();
  }
}

function textOf(fault) {
  return fault.text || write({ [fault.kind]: fault.value, ...fault.scope }).slice(1, -1);
}

function update(item, fault) {
  const [code, small] = item.firstElementChild.children;
  say(code, textOf(fault));
  const effects = Object.entries(fault.effects ?? {}).filter(([, number]) => number);
  const did = effects.map(([what, number]) => `${count(number)} ${words(what).toLowerCase()}`).join(', ') || 'no effect yet';
  say(small, [fault.id, fault.origin, `touches ${plural(fault.clients ?? 0, 'client')}`, did, fault.note].filter(Boolean).join(' · '));
}
