// A form that is made from the JSON Schema of faults: one kind with its value, and whom it concerns and when.

import { h, mark, say } from './dom.js';
import { words } from './format.js';
import { read, scalar, write } from './flow.js';

const FIRST = ['client', 'for', 'topics', 'types']; // of the scope: what is asked for most
const LEVELS = { message: 'Single messages', connection: 'Connections', handshake: 'Handshakes', listener: 'The whole server' };

/** Kinds and scope keys of a schema: `[{name, about, schema, example, level, scopes}]` each. */
export function understood(root) {
  const kinds = new Set([...(root['x-kinds'] ?? []), ...(root.oneOf ?? []).flatMap((each) => each.required ?? [])]);
  const levels = new Map(Object.entries(root['x-levels'] ?? {}).flatMap(([level, names]) => names.map((name) => [name, level])));
  const all = Object.entries(root.properties).map(([name, schema]) => {
    const branches = branchesOf(schema, root);
    const examples = [schema, ...branches].flatMap((each) => each.examples ?? []);
    return {
      name, branches, level: levels.get(name) ?? '', scopes: root['x-scopes']?.[name] ?? null,
      about: (schema.description ?? '').replaceAll('`', ''), example: examples[0] ?? branches.flatMap((each) => each.enum ?? [])[0],
    };
  });
  return { kinds: all.filter(({ name }) => kinds.has(name)), scopes: all.filter(({ name }) => !kinds.has(name)) };
}

/** What a value may be: a schema without its `$ref`s and alternatives. */
function branchesOf(schema, root) {
  if (schema.$ref) {
    const found = schema.$ref.slice(2).split('/').reduce((at, key) => at?.[key], root) ?? {};
    return branchesOf(found, root);
  }
  const parts = schema.anyOf ?? schema.oneOf;
  return parts && !schema.enum ? [schema, ...parts.flatMap((each) => branchesOf(each, root))] : [schema];
}

export class FaultForm {
  constructor(box, preview, schema) {
    this.preview = preview;
    const { kinds, scopes } = understood(schema);
    this.kinds = kinds;
    this.select = h('select', { id: 'fault-kind' });
    const levels = [...new Set(kinds.map(({ level }) => level))];
    for (const level of levels) {
      const options = kinds.filter((kind) => kind.level === level).map(({ name }) => h('option', { value: name }, words(name)));
      if (levels.length > 1) this.select.append(h('optgroup', { label: LEVELS[level] ?? words(level) }, ...options));
      else this.select.append(...options);
    }
    this.select.addEventListener('change', () => this.choose());
    this.about = h('small', { id: 'fault-about' });
    this.select.setAttribute('aria-describedby', 'fault-about');
    this.place = h('div', { class: 'wide' });
    this.fields = scopes.map((each) => field(each));
    const first = FIRST.map((name) => this.fields.find((each) => each.name === name)).filter(Boolean);
    const more = this.fields.filter((each) => !first.includes(each));
    box.replaceChildren(
      h('div', { class: 'field wide' }, h('label', { for: 'fault-kind' }, 'What'), this.select, this.about),
      this.place,
      h('fieldset', { class: 'wide' }, h('legend', {}, 'Whom it concerns, and when. Left out: everybody, always.'), h('div', { class: 'fields' }, ...first.map(({ element }) => element))),
      h('details', { class: 'wide' }, h('summary', {}, 'More'), h('div', { class: 'fields' }, ...more.map(({ element }) => element))),
    );
    this.choose();
  }

  /** Fill in a field of the scope. */
  set(name, value) {
    this.fields.find((each) => each.name === name)?.set(value);
    this.show();
  }

  /** Another kind was chosen: its value is asked for as its schema says, and of its scope what makes sense with it. */
  choose() {
    this.kind = this.kinds.find(({ name }) => name === this.select.value);
    say(this.about, this.kind.about);
    this.value = valueField(this.kind);
    this.place.replaceChildren(this.value.element);
    const { scopes } = this.kind;
    for (const each of this.fields) mark(each.element, 'hidden', scopes === null || scopes.includes(each.name) ? null : '');
    this.show();
  }

  /** The fault as a mapping: one kind, and whatever of its scope was said. Throws what is no value. */
  mapping() {
    const mapping = { [this.kind.name]: this.value.read() ?? '' };
    for (const { name, element, read: said } of this.fields) {
      const value = element.hidden ? undefined : said();
      if (value !== undefined) mapping[name] = value;
    }
    return mapping;
  }

  show() {
    try {
      say(this.preview, write(this.mapping()));
    } catch (error) {
      say(this.preview, error.message);
    }
  }
}

/** The field of a kind's value; one that knows only `on` needs none. */
function valueField(kind) {
  if (kind.branches.some((each) => each.enum?.includes(true))) return { element: h('span', { hidden: true }), read: () => true };
  const made = field({ ...kind, about: hintOf(kind) }, true);
  if (kind.example !== undefined) made.set(kind.example);
  return made;
}

/** What else may be written for a kind's value: words that are known, and what a mapping has beside the value itself. */
function hintOf({ name, branches }) {
  const word = branches.flatMap((branch) => branch.items?.enum ?? []);
  const hints = word.length ? [`One or more of ${[...new Set(word)].join(', ')}.`] : [];
  const whole = branches.find(({ properties, title }) => properties && Object.keys(properties).length > 1 && title !== name);
  if (whole?.properties.lognormal) {
    hints.push('Or a distribution: 200ms +- 50ms, {lognormal: {median: 80ms, sigma: 0.5}}');
  } else if (whole !== undefined) {
    const [first, ...others] = Object.keys(whole.properties);
    hints.push(`With more: {${[first, ...others].map((key) => `${key}: …`).join(', ')}}`);
  }
  return hints.join(' ');
}

/** A label with what is to be filled in for a value. */
function field(each, value = false) {
  const lists = each.branches.some(({ type }) => type === 'array');
  const known = [...new Set(each.branches.flatMap((branch) => branch.items?.enum ?? branch.enum ?? []))].filter((word) => typeof word === 'string');
  if (lists && known.length && known.length <= 4) return checks(each, known);
  const id = `fault-${value ? 'value' : each.name}`;
  const shown = each.example === undefined || typeof each.example === 'boolean' ? '' : Array.isArray(each.example) ? each.example.join(', ') : typeof each.example === 'object' ? write(each.example) : String(each.example);
  const about = each.about ? `${id}-about` : null;
  const input = h('input', { id, placeholder: shown, autocomplete: 'off', spellcheck: 'false', list: known.length ? `${id}-words` : null, 'aria-describedby': about });
  const element = h('div', { class: 'field' }, h('label', { for: id }, words(each.name)), input);
  if (known.length) element.append(h('datalist', { id: `${id}-words` }, ...known.map((word) => h('option', { value: word }))));
  if (about) element.append(h('small', { id: about }, each.about));
  return {
    name: each.name,
    element,
    set: (said) => (input.value = Array.isArray(said) ? said.join(', ') : typeof said === 'object' ? write(said) : String(said)),
    read: () => {
      const text = input.value.trim();
      // A word that may stand alone does: `any` is none of a list.
      const texts = each.branches.some(({ type, enum: alone }) => type === 'string' || type?.includes?.('string') || alone?.includes(text));
      return said(text, lists, texts);
    },
  };
}

/** A list of a few known words: a box to check for each. */
function checks({ name, about }, known) {
  const boxes = known.map((word) => h('input', { type: 'checkbox', value: word }));
  const element = h('fieldset', { class: 'checks' }, h('legend', {}, words(name)), ...boxes.map((box) => h('label', {}, box, words(box.value))), h('small', {}, about));
  return {
    name,
    element,
    set: (said) => boxes.forEach((box) => (box.checked = said.includes(box.value))),
    read: () => {
      const on = boxes.filter((box) => box.checked).map((box) => box.value);
      return on.length ? on : undefined;
    },
  };
}

/** What somebody wrote: a mapping or a list in flow style, several things with commas between, or one. */
function said(text, lists, texts) {
  if (!text) return undefined;
  if (text.startsWith('{') || text.startsWith('[')) return read(text);
  if (lists && (!texts || text.includes(','))) return text.split(',').map((part) => scalar(part.trim()));
  return scalar(text);
}
