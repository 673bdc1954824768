// Figures as people read them. All pure.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** `12,345`; from a million on `1.2M`. */
export function count(number) {
  return Math.abs(number) < 1e6 ? whole.format(number) : compact.format(number);
}

/** A rate: with a decimal where that says something. */
export function rate(number) {
  return number > 0 && number < 9.95 ? number.toFixed(1) : count(Math.round(number));
}

/** `[value, unit]` of so many bytes. */
export function bytesParts(bytes) {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return [unit === 0 || value >= 99.95 ? whole.format(value) : value.toFixed(1), BYTE_UNITS[unit]];
}

/** `3.4 MiB` */
export function bytes(number) {
  return bytesParts(number).join(' ');
}

/** `[value, unit]` of a short time in seconds: µs, ms or s. */
export function shortParts(seconds) {
  if (seconds < 0.001) return [String(Math.round(seconds * 1e6)), 'µs'];
  if (seconds < 1) return [seconds < 0.00995 ? (seconds * 1e3).toFixed(1) : String(Math.round(seconds * 1e3)), 'ms'];
  return [seconds < 99.95 ? seconds.toFixed(1) : whole.format(seconds), 's'];
}

/** `2.1 ms` */
export function short(seconds) {
  return shortParts(seconds).join(' ');
}

/** `1:02:03` or `2:03`, with tenths where asked for. */
export function elapsed(seconds, tenths = false) {
  const sign = seconds < 0 ? '−' : '';
  const all = Math.max(0, Math.floor(Math.abs(seconds) * 10) / 10);
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor(all / 60) % 60;
  const rest = Math.floor(all % 60);
  const head = hours ? `${hours}:${String(minutes).padStart(2, '0')}` : String(minutes);
  const tail = tenths ? `.${Math.floor((all * 10) % 10)}` : '';
  return `${sign}${head}:${String(rest).padStart(2, '0')}${tail}`;
}

/** `30 s`, `5 min`, `2 h` */
export function span(seconds) {
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 3600) return `${Number((seconds / 60).toFixed(1))} min`;
  return `${Number((seconds / 3600).toFixed(1))} h`;
}

/** `42 %` of a share; never 0 or 100 of what is not. */
export function percent(share) {
  if (share > 0 && share < 0.005) return '<1 %';
  if (share < 1 && share > 0.995) return '>99 %';
  return `${Math.round(share * 100)} %`;
}

/** The beginning of an id. */
export function brief(id) {
  return id.length > 12 ? `${id.slice(0, 8)}…` : id;
}

/** `storage_usage` → `Storage usage` */
export function words(name) {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `3 peers`, `1 peer` */
export function plural(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}
