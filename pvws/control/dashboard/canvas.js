// A canvas that is as sharp as the screen and as large as its box.

/** Calls `draw(context, width, height)`, in CSS pixels, when `redraw()` was called: once a frame, never in a hidden tab. */
export class Canvas {
  constructor(element, draw) {
    this.element = element;
    this.draw = draw;
    this.context = element.getContext('2d');
    this.width = 0;
    this.height = 0;
    this.wanted = false;
    new ResizeObserver(([entry]) => {
      this.width = entry.contentRect.width;
      this.height = entry.contentRect.height;
      this.#paint();
    }).observe(element);
  }

  redraw() {
    if (this.wanted) return;
    this.wanted = true;
    requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.wanted = false;
    if (this.width < 2 || this.height < 2) return;
    const ratio = devicePixelRatio || 1;
    const [wide, high] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (this.element.width !== wide || this.element.height !== high) {
      this.element.width = wide;
      this.element.height = high;
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    this.draw(this.context, this.width, this.height);
  }
}

/** The outline of one of the shapes of health, with about the same area each. */
export function shape(context, name, x, y, r) {
  context.beginPath();
  if (name === 'triangle') {
    const s = r * 1.35;
    context.moveTo(x, y - s);
    context.lineTo(x + s * 0.95, y + s * 0.68);
    context.lineTo(x - s * 0.95, y + s * 0.68);
    context.closePath();
  } else if (name === 'square') {
    const s = r * 0.92;
    context.rect(x - s, y - s, 2 * s, 2 * s);
  } else if (name === 'diamond') {
    const s = r * 1.25;
    context.moveTo(x, y - s);
    context.lineTo(x + s, y);
    context.lineTo(x, y + s);
    context.lineTo(x - s, y);
    context.closePath();
  } else {
    context.arc(x, y, r, 0, 2 * Math.PI);
  }
}
