// What a person is told: a note that goes by itself, and a banner while the server is gone.

import { $, h, mark, say } from './dom.js';

const SHOWN_MS = 6000;
const TOASTS_MAX = 4;

/** Say something for some seconds; a `bad` thing until it is clicked away, or others push it out. */
export function tell(text, bad = false) {
  const box = $('toasts');
  const toast = h('div', { class: 'toast', dataset: bad ? { level: 'critical' } : {} }, h('span', {}, text));
  toast.append(h('button', { class: 'icon', 'aria-label': 'Dismiss', onclick: () => toast.remove() }, '×'));
  box.append(toast);
  while (box.children.length > TOASTS_MAX) box.firstElementChild.remove();
  setTimeout(() => toast.remove(), bad ? 3 * SHOWN_MS : SHOWN_MS);
}

/** What a promise gives, or null where it fails: then it is said why. */
export async function act(promise) {
  try {
    return (await promise) ?? {};
  } catch (error) {
    tell(error.message, true);
    return null;
  }
}

const SAID = { connecting: 'Connecting', live: 'Live', gone: 'Server gone' };

/** How the connection to the server is. */
export class Link {
  constructor(again) {
    this.state = 'connecting';
    this.retryAt = 0;
    this.reason = '';
    this.answer = 0;
    this.button = h('button', { class: 'quiet', onclick: again }, 'Try now');
    this.text = h('span');
    $('banner').append(this.text, this.button);
  }

  /** A try to get back is no news while the server is gone. */
  set(state, { retryAt = 0, reason = '', answer = 0 } = {}) {
    if (state === 'gone') {
      this.reason = reason;
      this.answer = answer;
      this.retryAt = retryAt;
    } else if (state === 'connecting' && this.state === 'gone') {
      this.retryAt = 0;
      this.tick();
      return;
    }
    this.state = state;
    mark($('link'), 'data-state', state);
    say($('link').lastElementChild, state === 'gone' && answer ? (answer === 404 ? 'No such world' : 'Refused') : SAID[state]);
    mark($('banner'), 'hidden', state === 'gone' ? null : '');
    mark(document.documentElement, 'data-link', state);
    this.tick();
  }

  tick() {
    if (this.state !== 'gone') return;
    const seconds = Math.ceil((this.retryAt - performance.now()) / 1000);
    const again = this.retryAt ? `Trying again in ${Math.max(1, seconds)} s.` : 'Trying again …';
    const refusal = this.answer === 404 ? this.reason : `The server refuses: ${this.reason}.`;
    const what = this.answer ? refusal : 'The server is gone.';
    say(this.text, `${what.replace(/\.\.$/, '.')} ${again} What is shown is what was last heard.`);
    mark($('banner'), 'title', this.reason);
  }
}
