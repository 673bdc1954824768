// An event that somebody sends by hand, or a message as it stands.

import { $, closable, h, open, submits } from './dom.js';
import { plural, words } from './format.js';
import { TOPICS, TYPES } from './store.js';

const RAW = ''; // the value of what is no type

export class Emitting {
  /** `known()` gives the clients that are here, `done(said)` hears what came of it. */
  constructor(api, known, done) {
    this.known = known;
    closable($('emit'));
    for (const [topic, types] of Object.entries(TYPES)) {
      $('emit-type').append(h('optgroup', { label: words(topic) }, ...types.map((type) => h('option', { value: type }, type))));
    }
    $('emit-type').append(h('optgroup', { label: 'Anything else' }, h('option', { value: RAW }, 'A message as it stands')));
    $('emit-to').append(...TOPICS.map((topic) => h('option', { value: topic }, words(topic))));
    $('emit-type').addEventListener('change', () => this.#choose());
    $('emit-open').addEventListener('click', () => this.ask());
    // In a field of several lines Return is a new line.
    $('emit-form').addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) $('emit-form').requestSubmit();
    });
    submits($('emit-form'), async () => {
      const { sequence, reached } = await api.post('/v1/emit', this.#message());
      const whom = reached ? `for ${plural(reached, 'client')}` : 'for nobody: no client is subscribed';
      done(`Emitted ${$('emit-type').value || 'a message'}${sequence === null ? '' : `, № ${sequence}`}, ${whom}.`);
    });
  }

  ask() {
    $('emit-clients').replaceChildren(...this.known().slice(0, 200).map(({ name, number }) => h('option', { value: name ?? number })));
    this.#choose();
    open($('emit'));
    $('emit-type').focus();
  }

  #choose() {
    const raw = $('emit-type').value === RAW;
    $('emit-data-field').hidden = raw;
    $('emit-text-field').hidden = $('emit-to-field').hidden = !raw;
  }

  #message() {
    const type = $('emit-type').value;
    const client = $('emit-client').value.trim();
    const whom = client ? { client } : {};
    if (type !== RAW) {
      const data = objectOf($('emit-data').value);
      return { type, ...(data === null ? {} : { data }), ...whom };
    }
    const topic = $('emit-to').value;
    return { text: $('emit-text').value, ...(topic && !client ? { topics: [topic] } : {}), ...whom };
  }
}

/** The object that a text of JSON says, or null where it says nothing. */
function objectOf(text) {
  if (!text.trim()) return null;
  let found;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new Error(`data: expected JSON; ${error.message}`);
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw new Error('data: expected an object, such as {"level": "critical"}');
  return found;
}
