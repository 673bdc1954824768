// The event stream: a filter, a list of which only what is seen has elements, and one event in detail.

import { $, h, mark, say } from './dom.js';
import { brief, bytes, count, percent, plural, words } from './format.js';
import { TOPICS, TYPES, parsed } from './store.js';

const ROW = 30;
const SPARE = 4; // rows above and below what is seen

export class EventStream {
  /** `filtered(query)` is called when the server is to be asked for other events. */
  constructor(store, filtered, copied) {
    this.store = store;
    this.name = (id) => store.names.get(id) ?? brief(id);
    this.filtered = filtered;
    this.topics = new Set(TOPICS);
    this.type = '';
    this.text = '';
    this.shown = []; // the events that the filter lets through, oldest first
    this.seen = 0; // how many events ever were looked at
    this.frozen = null; // while paused or scrolled away: what was shown then
    this.paused = false;
    this.selected = null;
    this.rows = [];
    this.list = $('events');
    this.space = $('events-space');
    this.#controls();
    this.list.addEventListener('scroll', () => this.#scrolled());
    this.list.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(([entry]) => {
      this.height = entry.contentRect.height;
      this.render();
    }).observe(this.list);
    this.height = 0;
    $('detail-close').addEventListener('click', () => {
      this.select(null);
      this.list.focus();
    });
    $('detail-copy').addEventListener('click', () => copied($('detail-json').textContent));
  }

  #controls() {
    for (const topic of TOPICS) {
      const chip = h('button', { type: 'button', class: 'chip', 'aria-pressed': 'true', dataset: { topic } }, h('i', { 'aria-hidden': 'true' }), words(topic));
      chip.addEventListener('click', () => {
        if (this.topics.has(topic)) this.topics.delete(topic);
        else this.topics.add(topic);
        mark(chip, 'aria-pressed', this.topics.has(topic));
        this.#refilter(true);
      });
      $('topics').append(chip);
    }
    for (const [topic, types] of Object.entries(TYPES)) {
      $('type').append(h('optgroup', { label: words(topic) }, ...types.map((type) => h('option', { value: type }, type))));
    }
    $('type').addEventListener('change', (event) => {
      this.type = event.target.value;
      this.#refilter(true);
    });
    $('text').addEventListener('input', (event) => {
      this.text = event.target.value.trim().toLowerCase();
      this.#refilter(false);
    });
    $('text').form.addEventListener('submit', (event) => event.preventDefault());
    $('pause').addEventListener('click', () => this.pause());
  }

  /** What the server is to send: it looks at all events, where the page may see a sample. */
  query() {
    const query = {};
    if (this.topics.size < TOPICS.length) query.topics = [...this.topics].join(',');
    if (this.type) query.types = this.type;
    return query;
  }

  pause(on = !this.paused) {
    this.paused = on;
    mark($('pause'), 'aria-pressed', on);
    say($('pause'), on ? 'Go on' : 'Pause');
    this.#freeze(on || this.list.scrollTop > 0);
  }

  /** Forget what was: another world is looked at. */
  clear() {
    this.shown = [];
    this.seen = this.store.events.total;
    this.select(null);
    this.pause(false);
  }

  /** New events may have come. */
  render() {
    const { events } = this.store;
    const fresh = events.total - this.seen;
    this.seen = events.total;
    if (fresh > 0) {
      for (const event of events.list.slice(-fresh)) if (this.#passes(event)) this.shown.push(event);
      const first = events.list[0]?.number ?? 0;
      const gone = this.shown.findIndex((event) => event.number >= first);
      if (gone > 0) this.shown.splice(0, gone);
      else if (gone < 0) this.shown = [];
    }
    this.#note();
    this.#draw();
  }

  #passes(event) {
    if (!this.topics.has(event.topic) && TOPICS.includes(event.topic)) return false;
    if (this.type && event.type !== this.type) return false;
    return !this.text || event.text.toLowerCase().includes(this.text);
  }

  #refilter(ask) {
    this.shown = this.store.events.list.filter((event) => this.#passes(event));
    this.seen = this.store.events.total;
    this.list.scrollTop = 0;
    this.frozen = this.paused ? this.shown.slice() : null;
    if (ask) this.filtered(this.query());
    this.render();
  }

  #freeze(on) {
    if (on) this.frozen ??= this.shown.slice();
    else this.frozen = null;
    this.render();
  }

  #scrolled() {
    if (!this.paused) this.#freeze(this.list.scrollTop > 0);
    else this.#draw();
  }

  #note() {
    const last = this.frozen?.at(-1)?.number ?? -1;
    let newer = 0;
    if (this.frozen) {
      for (let place = this.shown.length - 1; place >= 0 && this.shown[place].number > last; place -= 1) newer += 1;
    }
    const { share } = this.store.sampled;
    const notes = [];
    if (this.frozen) notes.push(`${this.paused ? 'Paused' : 'Scrolled'}, ${count(newer)} newer`);
    else notes.push(`${count(this.shown.length)} kept`);
    if (share < 1) notes.push(`a sample: ${percent(share)} of all`);
    const text = notes.join(' · ');
    // Said aloud when it changes in kind, not with each figure.
    mark($('stream-note'), 'aria-live', 'off');
    say($('stream-note'), text);
  }

  #draw() {
    const events = this.frozen ?? this.shown;
    const height = `${events.length * ROW}px`;
    if (this.space.style.height !== height) this.space.style.height = height;
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW) - SPARE);
    const many = Math.min(events.length - first, Math.ceil(this.height / ROW) + 2 * SPARE);
    mark($('events-empty'), 'hidden', events.length ? '' : null);
    if (!events.length) say($('events-empty'), this.store.events.list.length ? 'No event that is kept passes the filter.' : 'Events are listed from when the page was opened. None has come yet.');
    while (this.rows.length < many) this.#row();
    this.rows.forEach((row, place) => {
      const at = first + place;
      const event = place < many ? events[events.length - 1 - at] : undefined;
      if (event === undefined) mark(row.element, 'hidden', '');
      else this.#fill(row, event, at);
    });
    const there = this.selected !== null && this.rows.some((row) => row.event === this.selected && !row.element.hidden);
    mark(this.list, 'aria-activedescendant', there ? `event-${this.selected.number}` : null);
  }

  #row() {
    const parts = ['time', 'type', 'what'].map((name) => h('span', { class: name }));
    const element = h('div', { class: 'event', role: 'option' }, ...parts);
    const row = { element, parts, event: null, at: -1 };
    element.addEventListener('click', () => this.select(row.event));
    this.space.append(element);
    this.rows.push(row);
  }

  #fill(row, event, at) {
    const { element, parts } = row;
    mark(element, 'hidden', null);
    if (row.at !== at) {
      element.style.transform = `translateY(${at * ROW}px)`;
      row.at = at;
    }
    mark(element, 'aria-selected', event === this.selected);
    if (row.event === event) return;
    row.event = event;
    element.id = `event-${event.number}`;
    element.dataset.topic = event.topic;
    say(parts[0], clockOf(event.at));
    say(parts[1], event.type);
    say(parts[2], summary(event, this.name));
  }

  #key(event) {
    const events = this.frozen ?? this.shown;
    const place = this.selected === null ? -1 : events.length - 1 - events.indexOf(this.selected);
    const page = Math.max(1, Math.floor(this.height / ROW) - 1);
    const moved = {
      ArrowDown: place + 1, ArrowUp: place - 1, PageDown: place + page, PageUp: place - page, Home: 0, End: events.length - 1,
    }[event.key];
    if (event.key === 'Escape') this.select(null);
    else if (moved !== undefined && events.length) this.#goTo(events, Math.max(0, Math.min(events.length - 1, moved)));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #goTo(events, place) {
    if (!this.paused) this.pause(true);
    const top = place * ROW;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    else if (top + ROW > this.list.scrollTop + this.height) this.list.scrollTop = top + ROW - this.height;
    this.select(events[events.length - 1 - place]);
  }

  /** Show an event in detail; the list pauses, so that it stays where it is. */
  select(event) {
    this.selected = event;
    $('detail').hidden = event === null;
    if (event !== null) {
      if (!this.paused) this.pause(true);
      say($('detail-type'), event.type);
      say($('detail-at'), `${event.at} · № ${count(event.sequence)}`);
      pretty($('detail-json'), event);
    }
    this.#draw();
  }
}

/** The time of day of an instant. */
function clockOf(at) {
  return at.length >= 23 ? at.slice(11, 23) : at.slice(11, -1);
}

/** A line about an event, made when it is first seen. */
function summary(event, name) {
  if (event.summary === undefined) {
    const data = parsed(event)?.data;
    event.summary = told(event.type, data, name) ?? (data === undefined ? event.text : JSON.stringify(data)).slice(0, 200);
  }
  return event.summary;
}

function told(type, data, name) {
  if (typeof data !== 'object' || data === null) return null;
  try {
    if (type === 'file_replicated') {
      return `${brief(data.key)}  ${name(data.source)} → ${name(data.node)}  ${data.status.toLowerCase()}, ${data.replicas} copies`;
    }
    if (type.startsWith('file_')) {
      return `${brief(data.key)}  at ${name(data.node)}${data.size === undefined ? '' : `  ${bytes(data.size)}`}`;
    }
    if (type === 'peer_connected') return `${name(data.id)}  ${data.address}:${data.port}`;
    if (type === 'peer_disconnected') return `${name(data.id)}  ${data.reason}`;
    if (type === 'peer_health_changed') return `${name(data.id)}  ${data.previousStatus} → ${data.status}`;
    if (type === 'network_topology_changed') {
      return `${data.connectedNodes} of ${data.totalNodes} peers, ${data.clusters.length} cluster${data.clusters.length === 1 ? '' : 's'}`;
    }
    if (type.endsWith('_alert')) return `${data.level}: ${data.message}`;
    if (type === 'storage_metrics') return `${bytes(data.usedSpace)} of ${bytes(data.totalSpace)}, ${plural(data.fileCount, 'file')}`;
    if (type === 'system_metrics') return `${bytes(data.storage.usedSpace)} of ${bytes(data.storage.totalSpace)}, ${figure(data.performance.requestsPerSecond)} requests/s`;
    if (type === 'network_metrics') return `${data.activeConnections} links, ${bytes(data.averageBandwidth)}/s`;
    if (type === 'performance_metrics') return `${figure(data.requestsPerSecond)} requests/s, CPU ${figure(data.cpuUsage)} %, memory ${figure(data.memoryUsage)} %`;
  } catch {
    return null; // a payload that is not as its type says: a fault's work, or a script's
  }
  return null;
}

/** A measure as a line needs it; the detail has all its digits. A payload that is wrong is shown as it is. */
function figure(value) {
  return typeof value === 'number' ? count(Number(value.toPrecision(3))) : String(value);
}

const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** The message, indented and in colours; as it is, where it is no JSON. */
function pretty(element, event) {
  const message = parsed(event);
  const text = message === null ? event.text : JSON.stringify(message, null, 2);
  const parts = [];
  let last = 0;
  if (message !== null && text.length < 100_000) {
    for (const match of text.matchAll(TOKENS)) {
      const [all, string, colon, word] = match;
      parts.push(text.slice(last, match.index));
      const kind = string ? (colon ? 'key' : 'string') : word ? 'word' : 'number';
      parts.push(h('span', { class: `j-${kind}` }, string ?? all));
      if (colon) parts.push(colon);
      last = match.index + all.length;
    }
  }
  element.replaceChildren(...parts, text.slice(last));
}
