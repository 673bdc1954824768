// What plays: its name, and another one to load in its place; and worlds beside the main one.

import { $, closable, h, mark, open, say, submits } from './dom.js';
import { span } from './format.js';

const LEASE = '10m';
const RENEW_MS = 120_000;

export class Scenarios {
  constructor(api, act, changed) {
    this.api = api;
    this.act = act;
    closable($('scenarios'));
    $('scenario-open').addEventListener('click', () => this.ask());
    submits($('scenario-form'), async () => {
      const form = $('scenario-form');
      const scenario = $('scenario-path').value.trim() || form.elements.shipped?.value;
      if (!scenario) throw new Error('Choose a scenario, or name a file.');
      const body = { scenario, held: $('scenario-held').checked };
      const [seed, speed] = [$('scenario-seed').value.trim(), $('scenario-speed').value.trim()];
      if (seed) body.seed = Number(seed);
      if (speed) body.speed = speed === 'max' ? speed : Number(speed);
      await api.put('/v1/scenario', body);
      changed(`${scenario} is loaded.`);
    });
    $('scenario-unload').addEventListener('click', async () => {
      await act(api.delete('/v1/scenario'));
      $('scenarios').close();
      changed();
    });
  }

  async ask() {
    const found = await this.act(this.api.get('/v1/scenarios'));
    if (found === null) return;
    const now = $('scenario-name').textContent;
    $('scenario-list').replaceChildren(
      ...found.scenarios.map(({ name, title, description, duration_s: seconds }) =>
        h('label', { class: 'choice' }, h('input', { type: 'radio', name: 'shipped', value: name, checked: name === now }), h('span', {}, h('b', {}, name), seconds ? h('small', { class: 'n' }, span(seconds)) : null, h('small', {}, title || description || ''))),
      ),
    );
    open($('scenarios'));
    ($('scenario-list').querySelector('input:checked') ?? $('scenario-list').querySelector('input'))?.focus();
  }

  /** What plays: a scenario, or none; then, unless it is quiet, a recording. */
  render(scenario, quiet) {
    mark($('scenario-unload'), 'hidden', scenario === null && quiet ? '' : null);
    const name = scenario?.name ?? (quiet ? null : 'A recording');
    say($('scenario-name'), name ?? 'Nothing plays');
    say($('scenario-title'), scenario === null ? `Load a scenario${quiet ? '' : ' in its place'}` : scenario.title || '');
    document.title = name === null ? 'pvws' : `${name} · pvws`;
  }
}

export class Worlds {
  /** `enter(name)` looks at another world. */
  constructor(api, act, enter) {
    this.api = api;
    this.act = act;
    this.enter = enter;
    this.made = new Set();
    this.names = '';
    closable($('new-world'));
    $('world').addEventListener('change', () => {
      const { value } = $('world');
      if (value) enter(value);
      else {
        $('world').value = api.world;
        open($('new-world'));
      }
    });
    submits($('new-world-form'), async () => {
      const name = $('new-world-name').value.trim();
      await api.put(`/v1/worlds/${encodeURIComponent(name)}`, { ttl: LEASE });
      this.made.add(name);
      enter(name);
    });
    setInterval(() => this.#renew(), RENEW_MS);
  }

  async refresh() {
    const { worlds } = await this.api.get('/v1/worlds');
    const names = worlds.map((world) => (typeof world === 'string' ? world : world.name));
    if (!names.includes('main')) names.unshift('main');
    if (!names.includes(this.api.world)) names.push(this.api.world);
    const all = names.join('\n');
    if (all !== this.names) {
      this.names = all;
      $('world').replaceChildren(...names.map((name) => h('option', { value: name }, name)), h('option', { value: '' }, 'New world…'));
    }
    $('world').value = this.api.world;
  }

  /** Those that this page has made stay for as long as it is open. */
  async #renew() {
    for (const name of this.made) {
      try {
        await this.api.put(`/v1/worlds/${encodeURIComponent(name)}`, { ttl: LEASE });
      } catch {
        this.made.delete(name); // it was ended by somebody
      }
    }
  }
}
