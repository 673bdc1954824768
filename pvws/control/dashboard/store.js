// All that the page knows, with a bound on everything: the page may stay open for days beside a firehose.

export const EVENTS_KEPT_MAX = 5000;
const EVENTS_CHARACTERS_MAX = 8_000_000; // of their texts, for one of them may be a megabyte
const SAMPLES_MAX = 300; // one each second: five minutes
const LAST_ALERTS_MAX = 200;
const TOPICS = ['file_operations', 'peer_network', 'system', 'alerts'];
const TYPES = {
  file_operations: ['file_uploaded', 'file_deleted', 'file_updated', 'file_replicated'],
  peer_network: ['peer_connected', 'peer_disconnected', 'peer_health_changed', 'network_topology_changed'],
  system: ['system_metrics', 'storage_metrics', 'network_metrics', 'performance_metrics'],
  alerts: ['performance_alert', 'security_alert', 'storage_alert', 'network_alert'],
};

export { TOPICS, TYPES };

/** The last events, oldest first: bounded in number and in size, whatever comes. */
export class Events {
  constructor(kept = EVENTS_KEPT_MAX, characters = EVENTS_CHARACTERS_MAX) {
    this.kept = kept;
    this.characters = characters;
    this.list = [];
    this.size = 0;
    this.total = 0;
  }

  add(events) {
    for (const event of events) {
      event.number = this.total;
      this.total += 1;
      this.size += event.text.length;
      this.list.push(event);
    }
    let gone = Math.max(0, this.list.length - this.kept);
    for (let place = 0; place < gone; place += 1) this.size -= this.list[place].text.length;
    while (this.size > this.characters && gone < this.list.length - 1) {
      this.size -= this.list[gone].text.length;
      gone += 1;
    }
    if (gone) this.list.splice(0, gone);
  }

  clear() {
    this.list = [];
    this.size = 0;
  }
}

/** Events a second by topic, a sample for each second: from counts that only grow. */
export class Rates {
  constructor(samples = SAMPLES_MAX) {
    this.most = samples;
    this.samples = [];
    this.before = null;
  }

  /** What was counted by a moment (seconds). */
  look(counts, at) {
    const { before } = this;
    this.before = { counts: { ...counts }, at };
    if (before === null || at - before.at < 0.2) {
      if (before !== null) this.before = before;
      return;
    }
    const sample = { at, all: 0 };
    for (const topic of TOPICS) {
      // A count that has fallen is another run's.
      const more = Math.max(0, (counts[topic] ?? 0) - (before.counts[topic] ?? 0));
      sample[topic] = more / (at - before.at);
      sample.all += sample[topic];
    }
    this.samples.push(sample);
    if (this.samples.length > this.most) this.samples.shift();
  }

  /** How many seconds there are to show: whole minutes, of which the last may not be over. */
  get span() {
    return Math.min(this.most, Math.max(1, Math.ceil(this.samples.length / 60)) * 60);
  }

  get last() {
    return this.samples.at(-1) ?? null;
  }

  clear() {
    this.samples = [];
    this.before = null;
  }
}

/** What the panels show. */
export class Store {
  constructor() {
    this.events = new Events();
    this.rates = new Rates();
    this.reset();
  }

  /** Forget everything: another world is looked at. */
  reset() {
    this.state = null;
    this.stateAt = 0;
    this.network = null;
    this.networkTrouble = '';
    this.names = new Map(); // of peers, by id
    this.clients = null;
    this.faults = null;
    this.alerts = new Map();
    this.left = 0;
    this.shown = 0;
    this.sampled = { seen: 0, left: 0, share: 1 };
    this.events.clear();
    this.rates.clear();
  }

  /** A state came, at a moment of real time (milliseconds). */
  took(state, now) {
    this.state = state;
    this.stateAt = now;
    this.rates.look(state.events.by_topic, now / 1000);
    const { seen, left } = this.sampled;
    this.sampled = { seen: 0, left: 0, share: seen + left ? seen / (seen + left) : 1 };
  }

  /** Events came. */
  saw(events) {
    this.sampled.seen += events.length;
    this.events.add(events);
    for (const event of events) if (event.topic === 'alerts') this.#alert(event);
  }

  /** The network is so now; null where none is simulated. */
  found(network, trouble = '') {
    this.network = network;
    this.networkTrouble = trouble;
    this.names = new Map((network?.peers ?? []).map((peer) => [peer.id, peer.name]));
  }

  /** So many events were left out, for there are more than a page can show. */
  missed(number) {
    this.sampled.left += number;
  }

  /** What was last said of an alert, if anything was. */
  alertSaid(metric, node) {
    return this.alerts.get(`${metric} ${node ?? ''}`) ?? this.alerts.get(`${metric} `) ?? null;
  }

  #alert(event) {
    const data = parsed(event)?.data;
    if (typeof data !== 'object' || data === null) return;
    const key = `${data.metric} ${data.node ?? ''}`;
    this.alerts.delete(key);
    this.alerts.set(key, { at: event.at, message: data.message, value: data.value, threshold: data.threshold });
    if (this.alerts.size > LAST_ALERTS_MAX) this.alerts.delete(this.alerts.keys().next().value);
  }
}

/** The message of an event, or null where it is no JSON. */
export function parsed(event) {
  try {
    return JSON.parse(event.text);
  } catch {
    return null;
  }
}
