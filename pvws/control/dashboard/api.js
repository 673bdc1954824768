// The control plane's public HTTP API (/v1), as everybody else uses it: requests, problems, server-sent events.

const SILENCE_MAX_MS = 6000; // a state comes each second: who is silent for so long is gone
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 5000;
const TOKEN_KEY = 'pvws token';

/** What the server said was wrong, as a person reads it; `status` is 0 where there was no answer. */
export class Problem extends Error {
  constructor(status, details) {
    super(Problem.#text(details));
    this.status = status;
    this.details = details;
  }

  static #text({ title, detail, errors }) {
    const lines = (errors ?? []).map(({ path, expected, found, hint }) => {
      const where = path ? `${path}: ` : '';
      const got = found === undefined || found === null || found === '' ? '' : `, found ${found}`;
      return `${where}expected ${expected}${got}${hint ? `; ${hint}` : ''}`;
    });
    if (lines.length) return lines.join('\n');
    return detail || title || 'It could not be done.';
  }
}

export class Api {
  /** `askToken(wrong)` gives a promise of a token, where the server wants one. */
  constructor(askToken) {
    const page = new URL(location.href);
    this.world = page.searchParams.get('world') ?? 'main';
    const given = new URLSearchParams(page.hash.slice(1)).get('token');
    if (given !== null) {
      sessionStorage.setItem(TOKEN_KEY, given);
      page.hash = '';
      history.replaceState(null, '', page);
    }
    this.askToken = askToken;
    this.asking = null;
  }

  /** Another world: of this page, and of its address. */
  enter(world) {
    this.world = world;
    const page = new URL(location.href);
    if (world === 'main') page.searchParams.delete('world');
    else page.searchParams.set('world', world);
    history.replaceState(null, '', page);
  }

  get(path, query) {
    return this.request('GET', path, undefined, query);
  }

  post(path, body = {}) {
    return this.request('POST', path, body);
  }

  put(path, body = {}) {
    return this.request('PUT', path, body);
  }

  delete(path) {
    return this.request('DELETE', path);
  }

  /** The JSON of an answer. Rejects with a Problem. */
  async request(method, path, body, query) {
    const response = await this.#fetch(path, query, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    });
    const text = await response.text();
    return text ? JSON.parse(text) : null;
  }

  async #fetch(path, query, options) {
    const url = new URL(path, location.origin);
    url.search = new URLSearchParams({ world: this.world, ...query });
    for (;;) {
      const token = sessionStorage.getItem(TOKEN_KEY);
      const headers = { ...options.headers, ...(token === null ? {} : { Authorization: `Bearer ${token}` }) };
      let response;
      try {
        response = await fetch(url, { ...options, headers, cache: 'no-store' });
      } catch (error) {
        if (options.signal?.aborted) throw error;
        throw new Problem(0, { detail: 'The server does not answer.' });
      }
      if (response.status === 401) {
        await this.#newToken(token);
        continue;
      }
      if (!response.ok) throw new Problem(response.status, await problemOf(response));
      return response;
    }
  }

  /** Ask for a token, once for all requests that wait for it. */
  async #newToken(used) {
    if (sessionStorage.getItem(TOKEN_KEY) !== used) return; // somebody else has asked meanwhile
    this.asking ??= this.askToken(used !== null).finally(() => {
      this.asking = null;
    });
    sessionStorage.setItem(TOKEN_KEY, await this.asking);
  }

  /** The world's server-sent events, connected again whenever they end. */
  stream(handlers) {
    return new Stream((signal, query) => this.#fetch('/v1/events', query, { signal, headers: {} }), handlers);
  }
}

async function problemOf(response) {
  try {
    return JSON.parse(await response.text());
  } catch {
    return { title: response.statusText || `HTTP ${response.status}` };
  }
}

/**
 * Server-sent events over fetch, for EventSource can send no token. `handlers.message(kind, data)` gets each block,
 * `handlers.status(state, info)` hears of `connecting`, `live`, and `gone` with `{retryAt, reason, answer}`,
 * where `answer` is the HTTP status of a refusal, or 0.
 */
class Stream {
  constructor(connect, handlers) {
    this.connect = connect;
    this.handlers = handlers;
    this.query = {};
    this.aborting = null;
    this.retry = RETRY_MIN_MS;
    this.timer = 0;
    this.watchdog = 0;
  }

  /** Begin, or begin again, with another query. */
  start(query = this.query) {
    this.query = query;
    this.stop();
    this.#run();
  }

  stop() {
    clearTimeout(this.timer);
    clearTimeout(this.watchdog);
    this.aborting?.abort();
    this.aborting = null;
  }

  async #run() {
    const mine = (this.aborting = new AbortController());
    this.handlers.status('connecting');
    let [reason, answer] = ['The server has ended the connection.', 0];
    try {
      this.#watch(mine);
      const response = await this.connect(mine.signal, this.query);
      await this.#read(response.body, mine);
    } catch (error) {
      if (this.aborting === mine) {
        reason = mine.signal.aborted ? 'The server is silent.' : error.message;
        answer = error.status ?? 0;
      }
    }
    if (this.aborting !== mine) return; // another one runs, or none is to
    clearTimeout(this.watchdog);
    this.aborting = null;
    this.handlers.status('gone', { retryAt: performance.now() + this.retry, reason, answer });
    this.timer = setTimeout(() => this.#run(), this.retry);
    this.retry = Math.min(this.retry * 1.6, RETRY_MAX_MS);
  }

  async #read(body, mine) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (this.aborting !== mine) return;
      this.#watch(mine);
      const blocks = (rest + value).split(/\r?\n\r?\n/);
      rest = blocks.pop();
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block) {
    let kind = 'message';
    let data = '';
    for (const line of block.split(/\r?\n/)) {
      if (line.startsWith('event:')) kind = line.slice(6).trim();
      else if (line.startsWith('data:')) data += (data && '\n') + line.slice(line[5] === ' ' ? 6 : 5);
    }
    if (!data) return; // a comment, which keeps the connection open
    if (this.retry !== RETRY_MIN_MS) this.retry = RETRY_MIN_MS;
    this.handlers.status('live');
    this.handlers.message(kind, JSON.parse(data));
  }

  #watch(mine) {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => mine.abort(), SILENCE_MAX_MS);
  }
}
