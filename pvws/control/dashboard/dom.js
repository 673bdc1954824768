// Making and finding elements. No text ever becomes markup: whatever a server or a client says is set as text.

/** The element of an id; it must be there. */
export function $(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element #${id}`);
  return found;
}

/** An element: `on…` in `props` are listeners, `dataset` and `class` are what they say, the rest are attributes. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else if (name === 'dataset') Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set a text, only where it is another: the browser need not lay out what stays. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set or take away an attribute, only where it is another. */
export function mark(element, name, value) {
  if (value === null || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) {
    element.setAttribute(name, value);
  }
}

/**
 * Have a parent hold one child for each item, in their order; children live on by key, so that focus, scroll and
 * selection do. `make(item)` gives a new child, `update(child, item)` has it say what the item says now.
 */
export function keyed(parent, items, key, make, update) {
  const children = new Map();
  for (const child of parent.children) children.set(child.dataset.key, child);
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let child = children.get(name);
    if (child === undefined) {
      child = make(item);
      child.dataset.key = name;
    } else {
      children.delete(name);
    }
    update(child, item);
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
  for (const child of children.values()) child.remove();
}

/** Open a dialog, with the focus on its first field. */
export function open(dialog) {
  if (!dialog.open) dialog.showModal();
}

/** Have the buttons of a dialog that are meant to, and a click beside it, close it. */
export function closable(dialog) {
  for (const button of dialog.querySelectorAll('[data-close]')) button.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
}

/**
 * Have a form in a dialog do something; what is the matter is said in the dialog, beside what the person wrote.
 * `act` may give false, to leave it open.
 */
export function submits(form, act) {
  const trouble = form.querySelector('.trouble');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const buttons = form.querySelectorAll('button');
    for (const button of buttons) button.disabled = true;
    trouble.hidden = true;
    try {
      if ((await act()) !== false) form.closest('dialog').close();
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = false;
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  });
}
