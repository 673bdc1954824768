// One client: what is known of it, and what it sent and did, from the journal.

import { $, h, keyed, mark, open, say } from './dom.js';
import { bytes, count, plural, short, words } from './format.js';

const PERIOD_MS = 1000;
const ENTRIES_MAX = 300;
const PAGE = 200; // entries asked for at a time
const SHOWN_MAX = 2000; // characters of a message

export class ClientView {
  constructor(api, act) {
    this.api = api;
    this.act = act;
    this.client = null;
    this.timer = 0;
    $('client').addEventListener('close', () => this.#stop());
  }

  /** Look at a client for as long as the dialog is open. */
  show(client, name) {
    this.client = client;
    this.entries = [];
    this.after = 0;
    this.lost = 0;
    say($('client-h'), name);
    this.render([client]);
    this.#journal();
    open($('client'));
    this.#read(client);
  }

  /** What the server says of clients now; it may have gone. */
  render(clients) {
    if (this.client === null) return;
    const now = clients.find(({ id }) => id === this.client.id);
    if (now !== undefined) this.client = now;
    const { client } = this;
    const facts = [
      ['Id', client.id],
      ['Connection', `№ ${client.number} from ${client.address || 'somewhere'}`],
      ['Topics', client.topics.map(words).join(', ') || 'none'],
      ['Sent to it', `${plural(client.sent, 'message')}, ${count(client.dropped)} dropped`],
      ['Heard from it', plural(client.received, 'message')],
      ['Backlog', client.backlog.messages ? `${plural(client.backlog.messages, 'message')}, ${bytes(client.backlog.bytes)}, ${short(client.lag_s ?? 0)} late` : 'none'],
      ['Faults', client.faults?.join(', ') || 'none'],
      ['State', now === undefined ? 'gone' : `connected since ${client.connected_at?.slice(0, 19).replace('T', ' ') ?? 'some time'}`],
    ];
    keyed($('client-facts'), facts.flatMap(([name, value]) => [{ name, tag: 'dt', text: name }, { name, tag: 'dd', text: value }]), ({ name, tag }) => `${tag} ${name}`, ({ tag }) => h(tag), (element, { text }) => say(element, text));
  }

  async #read(client) {
    const query = { client: client.id, after: this.after, limit: PAGE };
    const found = await this.act(this.api.get('/v1/journal', query));
    if (this.client?.id !== client.id || found === null) return;
    this.entries.push(...found.entries);
    this.entries.splice(0, Math.max(0, this.entries.length - ENTRIES_MAX));
    this.lost = found.lost ?? 0;
    const full = found.entries.length >= PAGE;
    this.after = full ? found.entries.at(-1).sequence : Math.max(this.after, found.last ?? 0);
    this.#journal();
    this.timer = setTimeout(() => this.#read(client), full ? 0 : PERIOD_MS);
  }

  #journal() {
    say($('journal-note'), this.lost ? `Older entries of this world were forgotten: ${count(this.lost)}.` : '');
    mark($('journal-note'), 'hidden', this.lost ? null : '');
    const items = this.entries.length ? this.entries.slice().reverse() : [null];
    keyed($('journal'), items, (entry) => entry?.sequence ?? 'none', make, () => {});
  }

  #stop() {
    clearTimeout(this.timer);
    this.client = null;
    $('journal').replaceChildren();
  }
}

function make(entry) {
  if (entry === null) return h('li', { class: 'empty' }, 'Nothing yet.');
  const binary = entry.binary ? `${plural(entry.size ?? 0, 'byte')} of binary ` : '';
  const said = binary + (entry.text ?? (entry.did === 'disconnects' ? [entry.code, entry.why].filter(Boolean).join(' ') : entry.topic));
  const text = said.length > SHOWN_MAX ? `${said.slice(0, SHOWN_MAX)}…` : said;
  const error = entry.error ? `  → ${entry.error}` : '';
  return h('li', { dataset: entry.valid ? {} : { level: 'critical' } }, h('time', {}, entry.at.slice(11, 23)), h('span', {}, entry.did), h('code', {}, text + error));
}
