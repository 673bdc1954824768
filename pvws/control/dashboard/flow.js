// YAML's flow style, as far as faults need it: what scripts, the shell and this page say of one. Pure.

const PLAIN_END = /[,:{}[\]]/;

/** `{latency: 200ms, topics: [alerts]}` of a value. */
export function write(value) {
  if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value).map(([key, each]) => `${key}: ${write(each)}`).join(', ')}}`;
  }
  if (typeof value !== 'string') return String(value);
  const plain = value !== '' && value === value.trim() && !/[,{}[\]#'"&*!|>%@`]/.test(value[0]) && !/[,{}[\]]|: |:$| #/.test(value);
  return plain && typeof scalar(value) === 'string' ? value : JSON.stringify(value);
}

/** The value of a text: a mapping, a list, or a scalar. Throws an Error that says where it goes wrong. */
export function read(text) {
  const source = { text, at: 0 };
  const value = take(source, true);
  space(source);
  if (source.at < text.length) throw wrong(source, 'the end');
  return value;
}

function take(source, whole) {
  space(source);
  const mark = source.text[source.at];
  if (mark === '{') return mapping(source);
  if (mark === '[') return list(source);
  if (mark === '"' || mark === "'") return quoted(source);
  const from = source.at;
  while (source.at < source.text.length && (whole || !PLAIN_END.test(source.text[source.at]) || inPlain(source))) source.at += 1;
  const plain = source.text.slice(from, source.at).trim();
  if (!plain) throw wrong(source, 'a value');
  return scalar(plain);
}

/** A colon that no space follows is part of a plain text: `12:30`. */
function inPlain({ text, at }) {
  return text[at] === ':' && at + 1 < text.length && text[at + 1] !== ' ';
}

function mapping(source) {
  const found = {};
  source.at += 1;
  for (space(source); source.text[source.at] !== '}'; ) {
    const key = take(source, false);
    space(source);
    if (source.text[source.at] !== ':') throw wrong(source, '":"');
    source.at += 1;
    found[key] = take(source, false);
    next(source, '}');
  }
  source.at += 1;
  return found;
}

function list(source) {
  const found = [];
  source.at += 1;
  for (space(source); source.text[source.at] !== ']'; ) {
    found.push(take(source, false));
    next(source, ']');
  }
  source.at += 1;
  return found;
}

function next(source, end) {
  space(source);
  if (source.text[source.at] === ',') {
    source.at += 1;
    space(source);
  } else if (source.text[source.at] !== end) {
    throw wrong(source, `"," or "${end}"`);
  }
}

function quoted(source) {
  const mark = source.text[source.at];
  let end = source.at + 1;
  while (end < source.text.length && source.text[end] !== mark) end += mark === '"' && source.text[end] === '\\' ? 2 : 1;
  if (end >= source.text.length) throw wrong(source, `a closing ${mark}`);
  const inner = source.text.slice(source.at, end + 1);
  source.at = end + 1;
  return mark === '"' ? JSON.parse(inner) : inner.slice(1, -1);
}

function space(source) {
  while (source.text[source.at] === ' ') source.at += 1;
}

function wrong({ text, at }, expected) {
  return new Error(`column ${at + 1}: expected ${expected}, found ${at < text.length ? `"${text.slice(at, at + 12)}"` : 'the end'}`);
}

/** A number or a truth value where the text looks like one. */
export function scalar(text) {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
}
