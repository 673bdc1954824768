// The clock: what it shows between two messages of the server, and what moves it.

import { $, h, mark, say } from './dom.js';
import { elapsed } from './format.js';

const SPEEDS = [0.5, 1, 2, 10, 'max'];

export class Clock {
  /** `act(promise)` says what went wrong; `late(stragglers)` hears who has not got all that was due by then. */
  constructor(api, act, late) {
    this.api = api;
    this.act = act;
    this.late = late;
    this.clock = null;
    this.at = 0;
    this.dragging = false;
    for (const speed of SPEEDS) {
      const button = h('button', { type: 'button', role: 'radio', 'aria-checked': 'false', tabindex: '-1', dataset: { speed } }, speed === 'max' ? 'Max' : `${speed}×`);
      button.addEventListener('click', () => this.#command('speed', { speed }));
      $('speeds').append(button);
    }
    // A scenario's own speed, or one that somebody else has set.
    this.other = h('button', { type: 'button', role: 'radio', 'aria-checked': 'false', tabindex: '-1', hidden: true }, 'Another');
    this.other.addEventListener('click', () => this.#command('speed', { speed: Number(this.other.dataset.speed) }));
    $('speeds').append(this.other);
    $('speeds').addEventListener('keydown', (event) => this.#choose(event));
    $('hold').addEventListener('click', () => this.hold());
    $('step').addEventListener('click', () => this.step());
    $('advance').addEventListener('submit', (event) => {
      event.preventDefault();
      this.advance();
    });
    const seek = $('seek');
    seek.addEventListener('input', () => {
      this.dragging = true;
      this.#show(this.start + Number(seek.value) * 1000);
    });
    seek.addEventListener('change', () => {
      this.dragging = false;
      const to = new Date(Math.round(this.start + Number(seek.value) * 1000)).toISOString();
      this.#command('seek', { to });
    });
  }

  hold() {
    return this.#command(this.clock?.held ? 'resume' : 'hold');
  }

  async step() {
    if (await this.#held()) await this.#command('step');
  }

  async advance() {
    if (await this.#held()) await this.#command('advance', { by: $('advance-by').value.trim() });
  }

  /** A clock that runs is held before it is moved by hand. */
  async #held() {
    return this.clock?.held || (await this.#command('hold'));
  }

  async #command(name, body) {
    const answer = await this.act(this.api.post(`/v1/clock/${name}`, body));
    if (answer === null) return false;
    this.took(answer.clock ?? answer);
    this.late(answer.stragglers ?? []);
    return true;
  }

  #choose(event) {
    const buttons = [...$('speeds').children].filter((button) => !button.hidden);
    const place = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined || place < 0) return;
    event.preventDefault();
    const next = buttons[(place + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  }

  /** The server has said what its clock is. */
  took(clock) {
    this.clock = clock;
    this.at = performance.now();
    this.start = Date.parse(clock.start);
    this.end = clock.end ? Date.parse(clock.end) : null;
    this.render();
  }

  /** Milliseconds of stage time: what was said, and what has passed since, for as long as that can be known. */
  now() {
    const { clock } = this;
    const said = Date.parse(clock.at);
    if (clock.held || clock.ended || clock.speed === 'max') return said;
    const passed = Math.min(performance.now() - this.at, 1500) * Number(clock.speed);
    return this.end === null ? said + passed : Math.max(said, Math.min(said + passed, this.end));
  }

  render() {
    const { clock } = this;
    if (clock === null) return;
    const held = Boolean(clock.held);
    say($('hold'), held ? 'Resume' : 'Hold');
    mark($('hold'), 'aria-pressed', held);
    mark(document.documentElement, 'data-clock', held ? 'held' : clock.ended ? 'ended' : 'runs');
    if (!SPEEDS.includes(clock.speed)) {
      mark(this.other, 'data-speed', clock.speed);
      say(this.other, `${clock.speed}×`);
      this.other.hidden = false;
    }
    let tabbed = false;
    for (const button of $('speeds').children) {
      const on = button.dataset.speed === String(clock.speed);
      mark(button, 'aria-checked', on);
      mark(button, 'tabindex', on ? '0' : '-1');
      tabbed ||= on;
    }
    if (!tabbed) mark($('speeds').firstElementChild, 'tabindex', '0');
    const seek = $('seek');
    seek.disabled = this.end === null;
    if (this.end !== null) mark(seek, 'max', (this.end - this.start) / 1000);
    say($('seek-end'), this.end === null ? 'open' : elapsed((this.end - this.start) / 1000));
    this.tick();
  }

  /** Another frame: time may have passed. */
  tick() {
    if (this.clock === null || this.dragging) return;
    this.#show(this.now());
  }

  #show(now) {
    const seconds = (now - this.start) / 1000;
    const quiet = this.end === null && seconds > 86_400 * 366; // the wall clock's time, of a stage on which nothing plays
    say($('elapsed'), quiet ? '–' : elapsed(seconds, true));
    const instant = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
    const state = this.clock.held ? ' · held' : this.clock.ended ? ' · ended' : '';
    say($('instant'), instant + state);
    const seek = $('seek');
    if (this.end !== null && !this.dragging && document.activeElement !== seek) seek.value = seconds;
    const text = elapsed(seconds);
    mark(seek, 'aria-valuetext', text);
    const share = this.end === null ? 0 : Math.max(0, Math.min(1, seconds / ((this.end - this.start) / 1000 || 1)));
    const percent = `${(share * 100).toFixed(1)}%`;
    if (seek.style.getPropertyValue('--share') !== percent) seek.style.setProperty('--share', percent);
  }
}
