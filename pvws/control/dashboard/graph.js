// The network as a picture: peers on rings, a disc for each side of a partition, copies that travel along links.

import { Canvas, shape } from './canvas.js';
import { brief, bytes, percent, plural, short } from './format.js';
import { arrange, sidesOf } from './layout.js';
import { HEALTH } from './palette.js';
import { parsed } from './store.js';

const EASE_MS = 140;
const PULSE_MS = 700;
const PULSES_MAX = 36;
const RIPPLES_MAX = 8; // of them, uploads, which are larger
const REACH = 16; // pixels around a peer within which the pointer means it
const NEARLY_FULL = 0.9;

const calm = matchMedia('(prefers-reduced-motion: reduce)');

export const healthOf = (peer) => (peer.connected ? peer.status : 'AWAY');
const looks = (peer) => HEALTH.find((each) => each.status === healthOf(peer)) ?? HEALTH[3];

export class Graph {
  /** `tip` is where a peer is described, `said` where that is said to those who listen. */
  constructor(element, tip, said) {
    this.canvas = new Canvas(element, (...all) => this.#draw(...all));
    this.tip = tip;
    this.said = said;
    this.colours = {};
    this.network = null;
    this.discs = [];
    this.nodes = new Map(); // by id: where a peer is drawn, on the way to where it is to be
    this.pulses = [];
    this.chosen = null;
    this.size = '';
    this.drawn = 0;
    element.addEventListener('pointermove', (event) => this.#choose(this.#at(event)));
    element.addEventListener('pointerleave', () => this.#choose(null));
    element.addEventListener('blur', () => this.#choose(null));
    element.addEventListener('keydown', (event) => this.#key(event));
  }

  paint(colours) {
    this.colours = colours;
    this.canvas.redraw();
  }

  /** How many sides and peers are shown, and how many that are away are not. */
  show(network) {
    this.network = network;
    this.size = '';
    const { sides, hidden } = sidesOf(network?.peers ?? []);
    this.sides = sides;
    this.hidden = hidden;
    this.degree = new Map();
    for (const [one, other] of network?.links ?? []) {
      for (const end of [one, other]) this.degree.set(end, (this.degree.get(end) ?? 0) + 1);
    }
    this.canvas.redraw();
    if (this.chosen !== null) this.#describe();
  }

  /** Events came: uploads and copies are seen on their way, as many as the eye can follow. */
  saw(events) {
    if (calm.matches || document.hidden) return;
    const began = performance.now();
    let ripples = this.pulses.filter(({ from, to }) => from === to).length;
    for (const event of events) {
      if (this.pulses.length >= PULSES_MAX) break;
      const upload = event.type === 'file_uploaded';
      if (event.type !== 'file_replicated' && !(upload && ripples < RIPPLES_MAX)) continue;
      const data = parsed(event)?.data;
      const [from, to] = [upload ? data?.node : data?.source, data?.node];
      if (!this.nodes.has(from) || !this.nodes.has(to)) continue;
      this.pulses.push({ from, to, began });
      ripples += upload;
    }
    if (this.pulses.length) this.canvas.redraw();
  }

  #place(width, height) {
    const size = `${width} ${height}`;
    if (this.size === size) return;
    this.size = size;
    this.discs = arrange(this.sides ?? [], width, height);
    const before = this.nodes;
    this.nodes = new Map();
    for (const disc of this.discs) {
      const radius = Math.max(2.5, Math.min(9, disc.spacing * 0.27));
      for (const node of disc.nodes) {
        const old = before.get(node.peer.id);
        const at = old && !calm.matches ? { x: old.at.x, y: old.at.y } : { x: node.x, y: node.y };
        this.nodes.set(node.peer.id, { ...node, disc, radius, at });
      }
    }
  }

  #draw(context, width, height) {
    this.#place(width, height);
    const now = performance.now();
    const moving = this.#move(Math.min(100, now - this.drawn));
    this.drawn = now;
    this.#drawHulls(context);
    this.#drawLinks(context);
    for (const node of this.nodes.values()) this.#drawPeer(context, node);
    this.#drawPulses(context, now);
    if (moving || this.pulses.length) this.canvas.redraw();
    if (this.chosen !== null) this.#placeTip();
  }

  /** Bring each peer nearer to where it is to be; whether any is still on its way. */
  #move(ms) {
    const share = calm.matches ? 1 : 1 - Math.exp(-ms / EASE_MS);
    let moving = false;
    for (const { at, x, y } of this.nodes.values()) {
      if (Math.abs(x - at.x) + Math.abs(y - at.y) < 0.4) {
        at.x = x;
        at.y = y;
      } else {
        at.x += (x - at.x) * share;
        at.y += (y - at.y) * share;
        moving = true;
      }
    }
    return moving;
  }

  #drawHulls(context) {
    if (this.discs.length < 2) return;
    context.textAlign = 'center';
    context.textBaseline = 'alphabetic';
    context.font = '600 11px system-ui, sans-serif';
    for (const [place, disc] of this.discs.entries()) {
      const r = disc.r + (disc.labelled ? 24 : 14);
      context.beginPath();
      context.arc(disc.x, disc.y, r, 0, 2 * Math.PI);
      context.fillStyle = this.colours.hull;
      context.fill();
      context.setLineDash([4, 4]);
      context.strokeStyle = this.colours.faint;
      context.lineWidth = 1;
      context.stroke();
      context.setLineDash([]);
      context.fillStyle = this.colours.muted;
      const there = disc.nodes.filter((node) => !node.away).length;
      context.fillText(`Side ${place + 1} · ${plural(there, 'peer')}`, disc.x, disc.y - r - (disc.labelled ? 20 : 8));
    }
  }

  #drawLinks(context) {
    const { peers, links } = this.network ?? { peers: [], links: [] };
    const many = links.length > 250;
    for (const chosen of [false, true]) {
      context.beginPath();
      for (const [one, other] of links) {
        const a = this.nodes.get(peers[one].id);
        const b = this.nodes.get(peers[other].id);
        if (a === undefined || b === undefined) continue;
        if (chosen !== (a.peer.id === this.chosen || b.peer.id === this.chosen)) continue;
        const bend = bent(a, b);
        context.moveTo(a.at.x, a.at.y);
        context.quadraticCurveTo(bend.x, bend.y, b.at.x, b.at.y);
      }
      context.strokeStyle = chosen ? this.colours.accent : this.colours.link;
      context.globalAlpha = chosen ? 0.9 : many ? 0.45 : 0.8;
      context.lineWidth = chosen ? 1.4 : 1;
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  #drawPeer(context, node) {
    const { at, peer, radius } = node;
    const { key, shape: form } = looks(peer);
    const chosen = peer.id === this.chosen;
    context.fillStyle = this.colours.surface;
    shape(context, form, at.x, at.y, radius + 2);
    context.fill();
    shape(context, form, at.x, at.y, radius);
    if (form === 'ring') {
      context.setLineDash([2, 2]);
      context.strokeStyle = this.colours[key];
      context.lineWidth = 1.5;
      context.stroke();
      context.setLineDash([]);
    } else {
      context.fillStyle = this.colours[key];
      context.fill();
    }
    if (radius >= 6 && peer.connected && peer.capacity > 0) this.#drawUse(context, node);
    if (chosen) {
      context.beginPath();
      context.arc(at.x, at.y, radius + 7, 0, 2 * Math.PI);
      context.strokeStyle = this.colours.accent;
      context.lineWidth = 2;
      context.stroke();
    }
    if (node.disc.labelled && (node.disc.nodes.length < 3 || node.ring === 0)) this.#drawName(context, node);
  }

  /** How full its disk is: an arc around it. */
  #drawUse(context, { at, peer, radius }) {
    const share = Math.min(1, peer.used / peer.capacity);
    context.lineWidth = 2;
    context.beginPath();
    context.arc(at.x, at.y, radius + 4, -Math.PI / 2, -Math.PI / 2 + share * 2 * Math.PI);
    context.strokeStyle = share >= NEARLY_FULL ? this.colours.bad : this.colours.muted;
    context.stroke();
  }

  #drawName(context, { at, angle, peer, radius, away, disc }) {
    const alone = disc.nodes.length < 3;
    const [cos, sin] = alone ? [0, 1] : [Math.cos(angle), Math.sin(angle)];
    const off = radius + 10;
    context.font = '11px system-ui, sans-serif';
    context.textAlign = Math.abs(cos) < 0.15 ? 'center' : cos > 0 ? 'left' : 'right';
    context.textBaseline = Math.abs(cos) < 0.15 ? (sin > 0 ? 'top' : 'bottom') : 'middle';
    context.fillStyle = away ? this.colours.faint : this.colours.muted;
    const name = peer.name.length > 14 ? `${peer.name.slice(0, 13)}…` : peer.name;
    // A halo keeps links and the line around a side away from the letters.
    context.strokeStyle = this.colours.surface;
    context.lineWidth = 4;
    context.lineJoin = 'round';
    context.strokeText(name, at.x + cos * off, at.y + sin * off);
    context.fillText(name, at.x + cos * off, at.y + sin * off);
  }

  #drawPulses(context, now) {
    this.pulses = this.pulses.filter(({ began }) => now - began < PULSE_MS);
    context.fillStyle = context.strokeStyle = this.colours.file_operations;
    for (const { from, to, began } of this.pulses) {
      const [a, b] = [this.nodes.get(from), this.nodes.get(to)];
      if (a === undefined || b === undefined) continue;
      const t = (now - began) / PULSE_MS;
      context.beginPath();
      if (a === b) {
        context.globalAlpha = 1 - t;
        context.arc(a.at.x, a.at.y, a.radius + 3 + 12 * t, 0, 2 * Math.PI);
        context.lineWidth = 1.5;
        context.stroke();
      } else {
        const bend = bent(a, b);
        const [p, q, r] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
        context.globalAlpha = 1;
        context.arc(p * a.at.x + q * bend.x + r * b.at.x, p * a.at.y + q * bend.y + r * b.at.y, 2.6, 0, 2 * Math.PI);
        context.fill();
      }
    }
    context.globalAlpha = 1;
  }

  #at(event) {
    let nearest = null;
    let least = REACH;
    for (const { at, peer } of this.nodes.values()) {
      const far = Math.hypot(at.x - event.offsetX, at.y - event.offsetY);
      if (far < least) [nearest, least] = [peer.id, far];
    }
    return nearest;
  }

  #key(event) {
    const ids = this.discs.flatMap((disc) => disc.nodes.map((node) => node.peer.id));
    if (!ids.length) return;
    const place = ids.indexOf(this.chosen);
    const next = {
      ArrowRight: place + 1, ArrowDown: place + 1, ArrowLeft: place - 1, ArrowUp: place - 1, Home: 0, End: -1,
    }[event.key];
    if (event.key === 'Escape') this.#choose(null);
    else if (next !== undefined) this.#choose(ids[(next + ids.length) % ids.length]);
    else return;
    event.preventDefault();
    this.said.textContent = this.chosen === null ? '' : this.lines().join(', ');
  }

  #choose(id) {
    if (id === this.chosen) return;
    this.chosen = id;
    if (id === null) this.tip.hidden = true;
    else this.#describe();
    this.canvas.redraw();
  }

  /** What is to be known of the chosen peer, a line each. */
  lines() {
    const node = this.nodes.get(this.chosen);
    if (node === undefined) return [];
    const { peer, index } = node;
    const lines = [`${peer.name} · ${looks(peer).label}`];
    lines.push(`${bytes(peer.used)} of ${bytes(peer.capacity)} used (${percent(peer.used / (peer.capacity || 1))})`);
    if (peer.connected) lines.push(`${short(peer.responseTime)} response, ${plural(this.degree.get(index) ?? 0, 'link')}`);
    lines.push(`${peer.address}:${peer.port}, ${peer.capabilities.join(', ') || 'no capabilities'}`);
    lines.push(brief(peer.id));
    return lines;
  }

  #describe() {
    const lines = this.lines();
    this.tip.hidden = !lines.length;
    this.tip.replaceChildren(
      ...lines.map((line, place) => {
        const element = document.createElement(place ? 'span' : 'strong');
        element.textContent = line;
        return element;
      }),
    );
    this.#placeTip();
  }

  #placeTip() {
    const node = this.nodes.get(this.chosen);
    if (node === undefined) {
      this.#choose(null);
      return;
    }
    const right = node.at.x > this.canvas.width / 2;
    const low = node.at.y > this.canvas.height / 2;
    this.tip.style.left = right ? '' : `${node.at.x + 18}px`;
    this.tip.style.right = right ? `${this.canvas.width - node.at.x + 18}px` : '';
    this.tip.style.top = low ? '' : `${node.at.y - 8}px`;
    this.tip.style.bottom = low ? `${this.canvas.height - node.at.y - 8}px` : '';
  }
}

/** The point towards which a link bends: a little to the middle of its disc, so that a ring's links can be told apart. */
function bent(a, b) {
  const [x, y] = [(a.at.x + b.at.x) / 2, (a.at.y + b.at.y) / 2];
  const [cx, cy] = [(a.disc.x + b.disc.x) / 2, (a.disc.y + b.disc.y) / 2];
  const share = Math.min(0.5, Math.hypot(a.at.x - b.at.x, a.at.y - b.at.y) / (4 * a.disc.r + 1));
  return { x: x + (cx - x) * share, y: y + (cy - y) * share };
}
