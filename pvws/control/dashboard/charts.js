// Event rates: areas by topic, one upon the other, and a small line of all.

import { rate } from './format.js';
import { TOPICS } from './store.js';

/** The highest value of an axis: 1, 2 or 5 times a power of ten. */
export function ceiling(value) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= value);
}

/** Rates of the last `most` seconds by topic, the newest at the right. */
export function drawRates(context, width, height, samples, most, colours) {
  const left = 44;
  const bottom = 20;
  const top = 8;
  const [w, hgt] = [width - left - 4, height - top - bottom];
  const highest = ceiling(samples.reduce((max, sample) => Math.max(max, sample.all), 0));
  const x = (place) => left + w - ((samples.length - 1 - place) / (most - 1)) * w;
  const y = (value) => top + hgt - (value / highest) * hgt;
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  context.lineWidth = 1;
  for (const share of [0, 0.5, 1]) {
    const at = Math.round(y(share * highest)) + 0.5;
    context.strokeStyle = colours.line;
    context.beginPath();
    context.moveTo(left, at);
    context.lineTo(left + w, at);
    context.stroke();
    context.fillStyle = colours.muted;
    context.textAlign = 'right';
    context.fillText(rate(share * highest), left - 8, at);
  }
  context.textBaseline = 'alphabetic';
  const every = most > 60 ? 60 : 15;
  for (let seconds = 0; seconds < most; seconds += every) {
    context.textAlign = seconds ? 'center' : 'right';
    const text = every < 60 ? `−${seconds} s` : `−${seconds / 60} min`;
    context.fillText(seconds ? text : 'now', left + w - (seconds / (most - 1)) * w, height - 4);
  }
  if (samples.length < 2) return;
  const below = samples.map(() => 0);
  for (const topic of TOPICS) {
    const above = samples.map((sample, place) => below[place] + sample[topic]);
    // While a topic has no events it has no line: that would lie upon the one below, in its own colour.
    const line = new Path2D();
    above.forEach((value, place) => {
      const drawn = place > 0 && (samples[place][topic] > 0 || samples[place - 1][topic] > 0);
      line[drawn ? 'lineTo' : 'moveTo'](x(place), y(value));
    });
    context.strokeStyle = colours[topic];
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    context.stroke(line);
    context.beginPath();
    above.forEach((value, place) => context[place ? 'lineTo' : 'moveTo'](x(place), y(value)));
    for (let place = samples.length - 1; place >= 0; place -= 1) context.lineTo(x(place), y(below[place]));
    context.closePath();
    context.globalAlpha = 0.28;
    context.fillStyle = colours[topic];
    context.fill();
    context.globalAlpha = 1;
    above.forEach((value, place) => {
      below[place] = value;
    });
  }
}

/** The rate of all of the last minute. */
export function drawSpark(context, width, height, samples, colours) {
  const shown = samples.slice(-60);
  if (shown.length < 2) return;
  const highest = Math.max(1, ...shown.map((sample) => sample.all));
  context.beginPath();
  shown.forEach((sample, place) => {
    const x = width - ((shown.length - 1 - place) / 59) * width;
    context[place ? 'lineTo' : 'moveTo'](x, height - 2 - (sample.all / highest) * (height - 4));
  });
  context.strokeStyle = colours.accent;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.stroke();
}
