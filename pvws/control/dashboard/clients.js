// Who is connected: topics, what each was sent, and how far behind it is.

import { ClientView } from './client_view.js';
import { $, closable, h, keyed, mark, open, say, submits } from './dom.js';
import { brief, bytes, count, short, words } from './format.js';
import { TOPICS } from './store.js';

const ROWS_MAX = 200;

export class Clients {
  /** `fault(client)` opens the form for a fault of one client; `done(said)` hears what came of what was asked for. */
  constructor(api, act, fault, done) {
    this.fault = fault;
    this.view = new ClientView(api, act);
    this.known = new Map();
    this.target = null;
    closable($('disconnect'));
    submits($('disconnect-form'), async () => {
      const body = { client: this.target.id, code: Number($('disconnect-code').value), reason: $('disconnect-reason').value };
      await api.post('/v1/disconnect', body);
      done(`${nameOf(this.target)} was told to go.`);
    });
  }

  render(clients, url) {
    this.known = new Map(clients.map((client) => [client.id, client]));
    this.view.render(clients);
    const behind = (client) => client.backlog.messages;
    const shown = clients.length > ROWS_MAX ? clients.slice().sort((one, other) => behind(other) - behind(one)).slice(0, ROWS_MAX) : clients;
    say($('clients-count'), clients.length ? count(clients.length) : '');
    say($('clients-note'), clients.length > ROWS_MAX ? `the ${ROWS_MAX} furthest behind` : '');
    keyed($('client-rows'), shown, (client) => client.id, (client) => this.#make(client), update);
    const empty = $('clients-empty');
    mark(empty, 'hidden', clients.length ? '' : null);
    if (!clients.length) say(empty, `Nobody is connected. Clients connect to ${url || 'the WebSocket address'}.`);
    mark($('client-rows').closest('table'), 'hidden', clients.length ? null : '');
  }

  #make(client) {
    const topics = TOPICS.map((topic) => h('i', { dataset: { topic }, title: words(topic) }));
    const row = h('tr', {}, h('th', { scope: 'row' }, h('button', { 'aria-haspopup': 'dialog', title: 'What it is and did', onclick: () => this.#show(client.id) }), h('small')), h('td', {}, h('span', { class: 'topics', role: 'img' }, ...topics)), h('td', { class: 'n' }), h('td', { class: 'n' }), h('td', { class: 'n' }), h('td', { class: 'n' }), h('td', { class: 'acts' }));
    const name = nameOf(client);
    row.lastElementChild.append(
      h('button', { class: 'quiet', 'aria-label': `A fault for ${name}`, 'aria-haspopup': 'dialog', onclick: () => this.fault(client) }, 'Fault'),
      h('button', { class: 'quiet', 'aria-label': `Disconnect ${name}`, 'aria-haspopup': 'dialog', onclick: () => this.#ask(client) }, 'Disconnect'),
    );
    return row;
  }

  #show(id) {
    const client = this.known.get(id);
    if (client !== undefined) this.view.show(client, nameOf(client));
  }

  #ask(client) {
    this.target = client;
    say($('disconnect-h'), `Disconnect ${nameOf(client)}`);
    open($('disconnect'));
  }
}

/** What people call a client: its `?client=NAME`, or its number. */
export function nameOf(client) {
  return client.name ?? `#${client.number}`;
}

function update(row, client) {
  const [who, topics, sent, backlog, lag, dropped] = row.children;
  say(who.firstElementChild, nameOf(client));
  say(who.lastElementChild, `${client.name ? `#${client.number} · ` : ''}${brief(client.id)}${client.faults?.length ? ` · ${client.faults.join(', ')}` : ''}`);
  mark(who, 'title', `${client.id}\n${client.address}`);
  const box = topics.firstElementChild;
  for (const icon of box.children) mark(icon, 'data-on', client.topics.includes(icon.dataset.topic) ? '' : null);
  mark(box, 'aria-label', client.topics.length ? client.topics.map(words).join(', ') : 'no topics');
  say(sent, count(client.sent));
  const { messages, bytes: size } = client.backlog;
  say(backlog, messages ? count(messages) : '0');
  mark(backlog, 'title', messages ? bytes(size) : null);
  mark(backlog, 'data-level', messages ? 'warning' : null);
  say(lag, client.lag_s === null || client.lag_s === undefined ? '–' : client.lag_s > 0 ? short(client.lag_s) : '0');
  say(dropped, count(client.dropped));
  mark(dropped, 'data-level', client.dropped ? 'critical' : null);
  mark(row, 'data-faulty', client.faults?.length ? '' : null);
}
