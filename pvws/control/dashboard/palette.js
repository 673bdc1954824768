// The theme: light, dark, or as the system has it; and its colours for what is drawn on a canvas.

const KEY = 'pvws theme';
const NEXT = { auto: 'light', light: 'dark', dark: 'auto' };
const SAID = { auto: 'as the system', light: 'light', dark: 'dark' };
const NAMES = [
  'bg', 'surface', 'raised', 'line', 'text', 'muted', 'faint', 'accent', 'warn', 'bad',
  'file_operations', 'peer_network', 'system', 'alerts',
  'online', 'degraded', 'offline', 'unknown', 'away', 'link', 'hull',
];

/** What is told of health: a colour and a shape, so that nobody depends on the colour. */
export const HEALTH = [
  { status: 'ONLINE', key: 'online', shape: 'circle', label: 'Online' },
  { status: 'DEGRADED', key: 'degraded', shape: 'triangle', label: 'Degraded' },
  { status: 'OFFLINE', key: 'offline', shape: 'square', label: 'Offline' },
  { status: 'UNKNOWN', key: 'unknown', shape: 'diamond', label: 'Unknown' },
  { status: 'AWAY', key: 'away', shape: 'ring', label: 'Away' },
];

export class Theme {
  /** `changed()` is called with each change of what colours are. */
  constructor(button, changed) {
    this.colours = {};
    this.button = button;
    this.changed = changed;
    button.addEventListener('click', () => this.turn());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#read());
    this.#set(localStorage.getItem(KEY) ?? 'auto');
  }

  /** On to the next of the three. */
  turn() {
    this.#set(NEXT[this.name]);
  }

  #set(name) {
    this.name = name in NEXT ? name : 'auto';
    localStorage.setItem(KEY, this.name);
    document.documentElement.dataset.theme = this.name;
    this.button.setAttribute('aria-label', `Theme: ${SAID[this.name]}`);
    this.button.textContent = { auto: '◐', light: '☀', dark: '☾' }[this.name];
    this.#read();
  }

  #read() {
    const probe = document.createElement('i');
    document.body.append(probe);
    for (const name of NAMES) {
      probe.style.color = `var(--${name})`;
      this.colours[name] = getComputedStyle(probe).color;
    }
    probe.remove();
    this.changed(this.colours);
  }
}
