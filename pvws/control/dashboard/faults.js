// Faults: what is switched on, what each has done, and a form that is made from the faults' own schema.

import { $, closable, h, keyed, mark, open, say, submits } from './dom.js';
import { count, words } from './format.js';

export class Faults {
  /** `changed()` is called when a fault was added or removed. */
  constructor(api, act, changed) {
    this.api = api;
    this.act = act;
    this.changed = changed;
    this.schema = null;
    this.inputs = new Map();
    closable($('fault'));
    $('fault-open').addEventListener('click', () => this.ask());
    $('faults-clear').addEventListener('click', async () => {
      await act(api.delete('/v1/faults'));
      changed();
    });
    submits($('fault-form'), async () => {
      const fault = await api.post('/v1/faults', this.mapping());
      changed(`${fault.text ?? fault.kind} is on.`);
    });
    $('fault-form').addEventListener('input', () => this.#preview());
  }

  render(faults) {
    say($('faults-count'), faults.length ? count(faults.length) : '');
    mark($('faults-clear'), 'hidden', faults.length ? null : '');
    mark($('faults-empty'), 'hidden', faults.length ? '' : null);
    say($('faults-empty'), 'No fault is on: clients get everything, at once and whole.');
    keyed($('fault-list'), faults, (fault) => fault.id, (fault) => this.#make(fault), update);
  }

  #make(fault) {
    const remove = h('button', { class: 'quiet', 'aria-label': `Remove fault ${fault.id}` }, 'Remove');
    remove.addEventListener('click', async () => {
      remove.disabled = true;
      await this.act(this.api.delete(`/v1/faults/${fault.id}`));
      remove.disabled = false;
      this.changed();
    });
    return h('li', {}, h('div', {}, h('code'), h('small')), remove);
  }

  /** Open the form; for one client, where one is given. */
  async ask(client = null) {
    this.schema ??= await this.act(this.api.get('/v1/schema/fault'));
    if (this.schema === null) return;
    if (!this.inputs.size) this.#build();
    if (client !== null) this.#set('client', client.name ?? client.id);
    this.#kind();
    open($('fault'));
    $('fault-kind').focus();
  }

  #build() {
    const { kinds, scopes } = read(this.schema);
    const select = h('select', { id: 'fault-kind' }, ...kinds.map((kind) => h('option', { value: kind.name }, kind.title)));
    select.addEventListener('change', () => this.#kind());
    const value = field({ name: 'value', title: 'How much', schema: {} });
    const scope = scopes.map((each) => field(each));
    for (const [place, each] of scopes.entries()) this.inputs.set(each.name, scope[place].input);
    this.kinds = kinds;
    this.select = select;
    this.value = value;
    $('fault-fields').replaceChildren(
      h('label', { class: 'wide' }, 'What', select, h('small', { id: 'fault-about' })),
      h('div', { class: 'wide', id: 'fault-value' }),
      h('details', { class: 'wide', open: scopes.length <= 8 }, h('summary', {}, 'Whom and when; left out, everybody and always'), h('div', { class: 'fields' }, ...scope.map((each) => each.label))),
    );
  }

  /** Another kind was chosen: its value is asked for as its schema says. */
  #kind() {
    const kind = this.kinds.find((each) => each.name === this.select.value);
    say($('fault-about'), kind.about);
    this.value = field({ name: 'value', title: kind.title, schema: kind.schema, example: kind.example, value: true, about: '' });
    $('fault-value').replaceChildren(this.value.label);
    this.#preview();
  }

  #set(name, value) {
    const input = this.inputs.get(name);
    if (input !== undefined) input.value = value;
  }

  /** The fault as a mapping: exactly one kind, and whatever of its scope was said. */
  mapping() {
    const mapping = { [this.select.value]: this.value.read() };
    const { scopes } = read(this.schema);
    for (const scope of scopes) {
      const text = readInput(this.inputs.get(scope.name), scope.schema);
      if (text !== undefined) mapping[scope.name] = text;
    }
    return mapping;
  }

  #preview() {
    say($('fault-preview'), flow(this.mapping()));
  }
}

function update(item, fault) {
  const [code, small] = item.firstElementChild.children;
  say(code, fault.text ?? flow({ [fault.kind]: fault.value, ...fault.scope }));
  const effects = Object.entries(fault.effects ?? {}).filter(([, number]) => number);
  const did = effects.map(([what, number]) => `${count(number)} ${words(what).toLowerCase()}`).join(', ') || 'no effect yet';
  say(small, [fault.id, fault.origin, `${count(fault.clients ?? 0)} touched`, did, fault.note].filter(Boolean).join(' · '));
}

/** Kinds and scopes of the schema, with what it says of each. */
export function read(schema) {
  const properties = { ...schema.properties };
  const kinds = new Set(schema['x-kinds'] ?? []);
  for (const branch of schema.oneOf ?? schema.anyOf ?? []) {
    const one = resolve(branch, schema);
    Object.assign(properties, one.properties);
    for (const name of one.required ?? []) kinds.add(name);
  }
  const described = Object.entries(properties).map(([name, property]) => {
    const each = { ...resolve(property, schema), ...property };
    const example = each.examples?.[0] ?? each.default ?? each.enum?.[0];
    return { name, title: each.title ?? words(name), about: each.description ?? '', schema: resolve(property, schema), example };
  });
  return {
    kinds: described.filter(({ name }) => kinds.has(name)),
    scopes: described.filter(({ name }) => !kinds.has(name)),
  };
}

function resolve(property, root) {
  if (!property?.$ref) return property ?? {};
  return property.$ref.slice(2).split('/').reduce((at, key) => at?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], root) ?? {};
}

/** A label with an input for a value of a schema, and how to read it. */
function field({ name, title, about = '', schema, example, value = false }) {
  const id = `fault-${name}`;
  const choices = schema.enum ?? null;
  const input = choices
    ? h('select', { id }, value ? null : h('option', { value: '' }, 'any'), ...choices.map((choice) => h('option', { value: String(choice) }, String(choice))))
    : h('input', { id, placeholder: example === undefined ? '' : text(example), autocomplete: 'off', spellcheck: 'false' });
  if (value && !choices && example !== undefined) input.value = text(example);
  const label = h('label', {}, title, input, about ? h('small', {}, about) : null);
  return { label, input, read: () => readInput(input, schema) ?? '' };
}

/** What an input says: a list where there are commas or the schema wants one, a number where it looks like one. */
function readInput(input, schema) {
  const said = input.value.trim();
  if (!said) return undefined;
  const lists = schema.type === 'array' || (schema.anyOf ?? schema.oneOf ?? []).some((each) => each.type === 'array');
  if (said.startsWith('{') || said.startsWith('[')) {
    try {
      return JSON.parse(said);
    } catch {
      return said;
    }
  }
  if (lists && (schema.type === 'array' || said.includes(','))) return said.split(',').map((each) => scalar(each.trim()));
  return scalar(said);
}

function scalar(said) {
  if (said === 'true' || said === 'false') return said === 'true';
  return /^-?\d+(\.\d+)?$/.test(said) ? Number(said) : said;
}

function text(value) {
  return typeof value === 'object' && value !== null ? (Array.isArray(value) && value.every((each) => typeof each !== 'object') ? value.join(', ') : JSON.stringify(value)) : String(value);
}

/** A mapping as YAML's flow style has it, which is what scripts and the shell say. */
function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value).map(([key, each]) => `${key}: ${flow(each)}`).join(', ')}}`;
  }
  return typeof value === 'string' && (value === '' || /[,:{}[\]#'"]/.test(value)) ? JSON.stringify(value) : String(value);
}
