// The dashboard: one page that speaks the control plane's public API. Here its parts are put together.

import { Api } from './api.js';
import { Canvas } from './canvas.js';
import { drawRates, drawSpark } from './charts.js';
import { Clients } from './clients.js';
import { Clock } from './clock.js';
import { $, mark, open, say } from './dom.js';
import { Emitting } from './emitting.js';
import { Faults } from './faults.js';
import { renderClients, renderLegend, renderNetwork, renderPeers, renderState } from './figures.js';
import { count, plural } from './format.js';
import { Graph } from './graph.js';
import { shortcuts } from './keys.js';
import { Link, act, tell } from './notices.js';
import { Theme } from './palette.js';
import { Scenarios, Worlds } from './scenarios.js';
import { Store } from './store.js';
import { EventStream } from './stream.js';

const EVENTS_A_SECOND_MAX = 400; // more than anybody reads; of the rest the server tells how many there were
const KINDS = 'event,gap,state,client,clock,fault,scenario,cue';
const PERIOD_LARGE_MS = 5000; // between two looks at more clients than a page can show
const WORLDS_PERIOD_MS = 5000;

let colours = {};
const store = new Store();
const api = new Api(askToken);
const clock = new Clock(api, act, late);
const faults = new Faults(api, act, (said) => changed(said));
const clients = new Clients(api, act, (client) => faults.ask(client), (said) => changed(said));
const emitting = new Emitting(api, () => store.clients ?? [], (said) => changed(said));
const scenarios = new Scenarios(api, act, (said) => changed(said));
const worlds = new Worlds(api, act, enter);
const graph = new Graph($('graph'), $('graph-tip'), $('graph-said'));
const events = new EventStream(store, () => listen(), copy);
const link = new Link(() => listen());
const spark = new Canvas($('spark'), (context, width, height) => drawSpark(context, width, height, store.rates.samples, colours));
const chart = new Canvas($('rate-chart'), (context, width, height) => drawRates(context, width, height, store.rates.samples, store.rates.span, colours));
const stream = api.stream({ message: took, status: (state, info) => status(state, info) });
const theme = new Theme($('theme'), (read) => {
  colours = read;
  graph.paint(read);
  spark.redraw();
  chart.redraw();
});

let url = '';
let table = false;
let wanted = false; // a frame is
let fresh = []; // events that no frame has seen
const asking = new Set();
let clientsAsked = 0;
let worldsAsked = 0;

function took(kind, data) {
  if (kind === 'event') {
    store.saw(data.events);
    if (fresh.length < 500) fresh.push(...data.events);
  } else if (kind === 'gap') {
    store.missed(data.events ?? 0);
  } else if (kind === 'state') {
    store.took(data, performance.now());
    clock.took(data.clock);
    look();
  } else if (kind === 'clock') {
    clock.took(data);
  } else if (kind === 'client' || kind === 'fault') {
    look();
  } else if (kind === 'cue' && data.kind === 'mark') {
    tell(`Mark: ${data.name}`);
  }
  frame();
}

/** Ask for what the server does not tell by itself. */
function look() {
  if (document.hidden) return;
  if (store.state?.scenario === null) {
    store.found(null);
    showNetwork();
  } else if (store.state !== null) {
    ask('network', '/v1/network', (network) => {
      store.found(network);
      showNetwork();
    });
  }
  if ((store.clients?.length ?? 0) <= 200 || performance.now() - clientsAsked > PERIOD_LARGE_MS) {
    clientsAsked = performance.now();
    ask('clients', '/v1/clients', (found) => {
      store.clients = found.clients;
      clients.render(found.clients, url);
      renderClients(store);
    });
  }
  ask('faults', '/v1/faults', (found) => {
    store.faults = found.faults;
    faults.render(found.faults);
  });
  if (performance.now() - worldsAsked > WORLDS_PERIOD_MS) {
    worldsAsked = performance.now();
    ask('worlds', '', () => {}, () => worlds.refresh());
  }
}

/** One question of a kind at a time; an answer about a world that was left meanwhile is nobody's. */
async function ask(name, path, answered, question = () => api.get(path)) {
  if (asking.has(name)) return;
  asking.add(name);
  const { world } = api;
  try {
    const answer = await question();
    if (world === api.world) answered(answer);
  } catch (error) {
    if (name === 'network' && error.status >= 400 && world === api.world) {
      store.found(null, error.message);
      showNetwork();
    }
  } finally {
    asking.delete(name);
  }
}

function showNetwork() {
  const { network } = store;
  const peers = network?.peers ?? [];
  graph.show(network);
  renderNetwork(store);
  renderLegend(peers);
  if (table) renderPeers(network);
  const sides = graph.sides.length;
  const notes = [`${plural(network?.links.length ?? 0, 'link')}`];
  if (sides > 1) notes.unshift(`Partitioned: ${sides} sides`);
  if (graph.hidden) notes.push(`${count(graph.hidden)} away not shown`);
  say($('network-note'), network === null ? '' : notes.join(' · '));
  mark($('network'), 'data-sides', sides);
  const there = peers.filter((peer) => peer.connected).length;
  mark($('graph'), 'aria-label', `Network of ${plural(peers.length, 'peer')}, ${count(there)} connected${sides > 1 ? `, in ${sides} sides` : ''}`);
  mark($('graph-empty'), 'hidden', peers.length ? '' : null);
  const what = store.state?.quiet === false ? 'A recording plays' : 'Nothing plays';
  const none = store.networkTrouble || `${what}, so there is no network to see.`;
  if (!peers.length) say($('graph-empty').firstElementChild, network === null ? none : 'No peer has joined yet.');
  mark($('graph-load'), 'hidden', network === null ? null : '');
}

/** Draw what has changed, once a frame at most. */
function frame() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => {
    wanted = false;
    graph.saw(fresh);
    fresh = [];
    events.render();
    if (store.state === null) return;
    if (store.stateAt !== frame.drawn) {
      frame.drawn = store.stateAt;
      renderState(store);
      say($('rates-span'), `${Math.round(store.rates.span / 60)} min`);
      scenarios.render(store.state.scenario, store.state.quiet);
      spark.redraw();
      chart.redraw();
    }
  });
}

function status(state, info) {
  if (info?.answer === 404) {
    info.reason = `There is no world “${api.world}” on this server: it was ended, or its lease is over. Choose another one at the top.`;
    worlds.refresh().catch(() => {});
  }
  link.set(state, info);
  if (state === 'live' && !url) ask('about', '/v1', (about) => (url = about.url));
  if (state === 'gone') url = '';
}

function listen() {
  stream.start({ kinds: KINDS, rate: EVENTS_A_SECOND_MAX, ...events.query() });
}

/** Something was done: say so, and look at what came of it. */
function changed(said) {
  if (said) tell(said);
  look();
}

/** Who has not got all that was due when the clock had been moved. */
function late(stragglers) {
  if (!stragglers.length) return;
  const who = stragglers.slice(0, 5).map((each) => `#${each.client} (${each.why}, ${plural(each.messages, 'message')})`);
  tell(`Not everybody has got everything: ${who.join(', ')}${stragglers.length > 5 ? ' and others' : ''}.`);
}

function enter(world) {
  api.enter(world);
  store.reset();
  fresh = [];
  events.clear();
  showNetwork();
  clients.render([], url);
  faults.render([]);
  worlds.refresh().catch(() => {});
  listen();
}

function askToken(wrong) {
  const dialog = $('token');
  const trouble = $('token-trouble');
  trouble.hidden = !wrong;
  say(trouble, 'This token was refused.');
  $('token-value').value = '';
  open(dialog);
  return new Promise((resolve) => {
    const closed = () => {
      const { value } = $('token-value');
      if (!value) {
        open(dialog); // nothing works without one
        return;
      }
      dialog.removeEventListener('close', closed);
      resolve(value);
    };
    dialog.addEventListener('close', closed);
  });
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    tell('Copied.');
  } catch {
    getSelection().selectAllChildren($('detail-json'));
    tell('Selected; copy it with the keyboard: this browser lets pages copy only where they are secure.');
  }
}

function turnTable() {
  table = !table;
  mark($('network-view'), 'aria-pressed', table);
  say($('network-view'), table ? 'Graph' : 'Table');
  mark($('graph-box'), 'hidden', table ? '' : null);
  mark($('peers-box'), 'hidden', table ? null : '');
  if (table) renderPeers(store.network);
}

$('graph-load').addEventListener('click', () => scenarios.ask());
$('network-view').addEventListener('click', turnTable);
document.addEventListener('visibilitychange', look);
shortcuts([
  ['h', 'Hold the clock, or let it run on', () => clock.hold()],
  ['s', 'Step: hold, and on to the next event', () => clock.step()],
  ['a', 'Advance by the span in the field', () => clock.advance()],
  ['l', 'Load a scenario', () => scenarios.ask()],
  ['f', 'Add a fault', () => faults.ask()],
  ['e', 'Emit an event', () => emitting.ask()],
  ['/', 'Filter events by text', () => $('text').focus()],
  ['p', 'Pause the list of events', () => events.pause()],
  ['g', 'Network as graph or table', turnTable],
  ['t', 'Light, dark, or as the system', () => theme.turn()],
  ...['network', 'rates', 'alerts', 'storage', 'stream', 'clients', 'faults'].map((id, place) => [
    String(place + 1),
    $(`${id === 'storage' ? 'fullest' : id}-h`).textContent,
    () => $(id).focus(),
  ]),
]);
setInterval(() => {
  clock.tick();
  link.tick();
}, 100);
showNetwork();
worlds.refresh().catch(() => {});
listen();
