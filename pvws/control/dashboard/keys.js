// Keyboard shortcuts, and the list of them.

import { $, closable, h, open } from './dom.js';

/** `keys` is `[[key, what it does, function], …]`; a key means nothing while somebody writes or a dialog is open. */
export function shortcuts(keys) {
  const all = [...keys, ['?', 'This list', () => open($('help'))]];
  closable($('help'));
  $('help-open').addEventListener('click', () => open($('help')));
  const panels = all.filter(([key]) => key >= '1' && key <= '9');
  $('keys').replaceChildren(
    ...all.filter((each) => !panels.includes(each)).flatMap(([key, what]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)]),
    h('dt', {}, h('kbd', {}, '1'), '–', h('kbd', {}, String(panels.length))), h('dd', {}, `To a panel: ${panels.map(([, what]) => what).join(', ')}`),
    h('dt', {}, h('kbd', {}, '↑'), h('kbd', {}, '↓')), h('dd', {}, 'In the graph from peer to peer, in the events from event to event'),
    h('dt', {}, h('kbd', {}, 'Esc')), h('dd', {}, 'Close what is open'),
  );
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector('dialog[open]') || writes(event.target)) return;
    const found = all.find(([key]) => key === event.key);
    if (found === undefined) return;
    event.preventDefault();
    found[2]();
  });
}

function writes(element) {
  return element.matches('input:not([type=range]):not([type=radio]):not([type=checkbox]), textarea, select');
}
