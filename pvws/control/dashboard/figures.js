// The tiles, and the short lists beside the network: rates, storage, alerts, lateness.

import { $, h, keyed, mark, say } from './dom.js';
import { bytes, bytesParts, count, percent, plural, rate, short, shortParts, words } from './format.js';
import { HEALTH } from './palette.js';
import { TOPICS } from './store.js';
import { healthOf } from './graph.js';

const FULLEST_MAX = 12;
const LEVELS = { critical: 0, warning: 1, info: 2 };

export function renderState(store) {
  const { state, rates } = store;
  const { last } = rates;
  say($('tile-rate'), last === null ? '–' : rate(last.all));
  say($('tile-total'), `${count(state.events.total)} in all`);
  say($('tile-clients'), count(state.clients));
  const late = state.ledger?.lateness;
  const [value, unit] = late?.count ? shortParts(late.p99_s) : ['–', ''];
  say($('tile-late'), value);
  say($('tile-late-unit'), unit);
  say($('tile-late-text'), late?.count ? `median ${short(late.p50_s)}, worst ${short(late.worst_s)}` : 'nothing was sent yet');
  for (const topic of TOPICS) {
    const item = legendItem(topic);
    say(item.lastElementChild, last === null ? '–' : rate(last[topic]));
  }
  const said = last === null ? 'no figures yet' : TOPICS.map((topic) => `${words(topic)} ${rate(last[topic])}`).join(', ');
  mark($('rate-chart'), 'aria-label', `Events a second by topic: ${said}`);
}

function legendItem(topic) {
  const found = $('rate-legend').querySelector(`[data-topic=${topic}]`);
  if (found !== null) return found;
  const item = h('li', { dataset: { topic } }, h('i', { 'aria-hidden': 'true' }), h('span', {}, words(topic)), h('b', {}, '–'));
  $('rate-legend').append(item);
  return item;
}

export function renderClients(store) {
  const clients = store.clients ?? [];
  const behind = clients.filter((client) => client.backlog.messages > 0);
  const worst = clients.reduce((max, client) => Math.max(max, client.lag_s ?? 0), 0);
  const text = !clients.length ? 'nobody is connected' : !behind.length ? 'all keep up' : `${count(behind.length)} behind${worst > 0 ? `, by ${short(worst)} at most` : ''}`;
  say($('tile-clients-text'), text);
  mark($('tile-clients').closest('.tile'), 'data-level', behind.length ? 'warning' : null);
}

export function renderNetwork(store) {
  const { network } = store;
  const peers = network?.peers ?? [];
  const there = peers.filter((peer) => peer.connected);
  say($('tile-peers'), network === null ? '–' : count(there.filter((peer) => peer.status === 'ONLINE').length));
  say($('tile-peers-of'), network === null ? '' : ` of ${count(peers.length)}`);
  renderHealth(peers);
  const [used, unit] = network === null ? ['–', ''] : bytesParts(network.usedSpace);
  const share = network?.totalSpace ? network.usedSpace / network.totalSpace : 0;
  say($('tile-storage'), used);
  say($('tile-storage-unit'), unit);
  say($('tile-storage-text'), network === null ? '' : `${percent(share)} of ${bytes(network.totalSpace)}, ${plural(network.fileCount, 'file')}`);
  meter($('tile-storage-meter'), share);
  keyed($('fullest'), fullest(there), (peer) => peer.id, makeFull, updateFull);
  mark($('fullest-empty'), 'hidden', there.length ? '' : null);
  renderAlerts(store);
}

function renderHealth(peers) {
  const counts = HEALTH.map(({ status, key, label }) => ({ key, label, number: peers.filter((peer) => healthOf(peer) === status).length }));
  keyed($('tile-health'), counts.filter(({ number }) => number), ({ key }) => key, ({ key }) => h('i', { dataset: { health: key } }), (child, { number }) => {
    child.style.flexGrow = number;
  });
  const others = counts.filter(({ key, number }) => number && key !== 'online');
  say($('tile-health-text'), !peers.length ? 'no peers' : others.map(({ label, number }) => `${count(number)} ${label.toLowerCase()}`).join(', ') || 'all are well');
}

function fullest(there) {
  const share = (peer) => peer.used / (peer.capacity || 1);
  return there.slice().sort((one, other) => share(other) - share(one)).slice(0, FULLEST_MAX);
}

function makeFull() {
  return h('li', {}, h('span'), h('span', { class: 'n' }), h('div', { class: 'meter', 'aria-hidden': 'true' }, h('i')));
}

function updateFull(child, peer) {
  const share = peer.used / (peer.capacity || 1);
  say(child.children[0], peer.name);
  say(child.children[1], percent(share));
  mark(child, 'title', `${bytes(peer.used)} of ${bytes(peer.capacity)}`);
  meter(child.children[2], share);
}

function meter(element, share) {
  element.firstElementChild.style.width = `${Math.min(100, share * 100).toFixed(1)}%`;
  mark(element, 'data-level', share >= 0.95 ? 'critical' : share >= 0.8 ? 'warning' : null);
}

function renderAlerts(store) {
  const { network } = store;
  const alerts = (network?.alerts ?? []).slice().sort((one, other) => LEVELS[one.level] - LEVELS[other.level]);
  const critical = alerts.filter((alert) => alert.level === 'critical').length;
  say($('tile-alerts'), network === null ? '–' : count(alerts.length));
  say($('tile-alerts-text'), network === null ? '' : alerts.length ? (critical ? `${count(critical)} critical` : 'warnings') : 'all is calm');
  mark($('tile-alerts').closest('.tile'), 'data-level', critical ? 'critical' : alerts.length ? 'warning' : null);
  say($('alerts-count'), alerts.length ? count(alerts.length) : '');
  mark($('alerts-empty'), 'hidden', alerts.length ? '' : null);
  say($('alerts-empty'), network === null ? 'Without a network there is none to see.' : 'No alert is open.');
  keyed($('alert-list'), alerts.slice(0, 100), (alert) => `${alert.metric} ${alert.node}`, makeAlert, (child, alert) => {
    const said = store.alertSaid(alert.metric, alert.node);
    mark(child, 'data-level', alert.level);
    say(child.children[1], words(alert.metric));
    say(child.children[2], alert.node === null ? '' : (store.names.get(alert.node) ?? alert.node));
    const figures = said?.value === undefined ? '' : `${Number(said.value.toFixed(2))}, threshold ${said.threshold}`;
    say(child.children[3], figures ? `${alert.level} · ${figures}` : alert.level);
    mark(child, 'title', said?.message ?? null);
  });
}

function makeAlert() {
  return h('li', {}, h('i', { 'aria-hidden': 'true' }), h('b'), h('span', { class: 'where' }), h('small'));
}

/** What the shapes and colours of the graph mean, with how many there are of each. */
export function renderLegend(peers) {
  const items = HEALTH.map((each) => ({ ...each, number: peers.filter((peer) => healthOf(peer) === each.status).length }));
  keyed($('legend'), items, ({ key }) => key, ({ key, label, shape }) => h('li', {}, h('i', { class: `shape ${shape}`, dataset: { health: key }, 'aria-hidden': 'true' }), h('span', {}, label), h('b')), (child, { number }) => say(child.lastElementChild, count(number)));
}

/** The same network as a table. */
export function renderPeers(network) {
  const degree = new Map();
  for (const [one, other] of network?.links ?? []) for (const end of [one, other]) degree.set(end, (degree.get(end) ?? 0) + 1);
  const peers = (network?.peers ?? []).map((peer, index) => ({ peer, index }));
  const shown = [...peers.filter(({ peer }) => peer.connected), ...peers.filter(({ peer }) => !peer.connected)].slice(0, 500);
  keyed($('peers'), shown, ({ peer }) => peer.id, () => h('tr', {}, h('th', { scope: 'row' }), h('td', {}, h('i', { class: 'shape', 'aria-hidden': 'true' }), h('span')), h('td', { class: 'n' }), h('td', { class: 'n' }), h('td', { class: 'n' }), h('td', { class: 'n' })), (row, { peer, index }) => {
    const { key, label, shape } = HEALTH.find((each) => each.status === healthOf(peer)) ?? HEALTH[3];
    say(row.children[0], peer.name);
    const [icon, text] = row.children[1].children;
    icon.className = `shape ${shape}`;
    mark(icon, 'data-health', key);
    say(text, label);
    say(row.children[2], `${bytes(peer.used)} · ${percent(peer.used / (peer.capacity || 1))}`);
    say(row.children[3], peer.connected ? short(peer.responseTime) : '–');
    say(row.children[4], peer.connected ? count(degree.get(index) ?? 0) : '–');
    say(row.children[5], peer.connected ? String(peer.cluster + 1) : '–');
  });
}
