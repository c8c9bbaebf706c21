// The counters: messages and payload bytes each way, and the round trips of the latest echoes.

import { milliseconds } from './payload.js';

const maxTrips = 1000;
const traceTrips = 60;
const decades = 3; // at most that many are marked beside the trace

export class Meters {
  #of;
  #totals;
  #trips;
  #top = 0; // of the scale, in ms
  #drawing = false;

  // of maps an element id to its element.
  constructor(of) {
    this.#of = of;
    this.clear();
  }

  clear() {
    this.#totals = { 'out-messages': 0, 'out-bytes': 0, 'in-messages': 0, 'in-bytes': 0, awaited: this.#totals?.awaited ?? 0, differing: 0 };
    this.#trips = [];
    this.#draw();
    for (const id of ['rtt-last', 'rtt-median', 'rtt-max']) this.#of(id).textContent = '–';
    this.#of('trace').setAttribute('d', '');
    this.#scale(1);
  }

  sent(bytes) {
    this.#add('out-messages', 1);
    this.#add('out-bytes', bytes);
  }

  received(bytes) {
    this.#add('in-messages', 1);
    this.#add('in-bytes', bytes);
  }

  echoed(ms, same) {
    if (!same) this.#add('differing', 1);
    this.#trips.push(ms);
    if (this.#trips.length > maxTrips) this.#trips.shift();
    this.#drawSoon();
  }

  awaited(count) {
    this.#totals.awaited = count;
    this.#drawSoon();
  }

  #add(id, n) {
    this.#totals[id] += n;
    this.#drawSoon();
  }

  // Writing and sorting for each echo would be what a burst measures: once a frame is enough.
  #drawSoon() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#drawing = false;
    for (const [id, total] of Object.entries(this.#totals)) this.#of(id).textContent = total;
    if (!this.#trips.length) return;
    this.#of('rtt-last').textContent = milliseconds(this.#trips.at(-1));
    const sorted = Float64Array.from(this.#trips).sort();
    const upper = sorted.length >> 1;
    const median = sorted.length % 2 ? sorted[upper] : (sorted[upper - 1] + sorted[upper]) / 2;
    this.#of('rtt-median').textContent = milliseconds(median);
    this.#of('rtt-max').textContent = milliseconds(sorted.at(-1));
    this.#trace();
  }

  // One upright stroke for each of the latest round trips. The scale is logarithmic, or one big message would flatten
  // all the small ones, and ends with a power of ten, so that it does not change with each of them.
  #trace() {
    const latest = this.#trips.slice(-traceTrips);
    this.#scale(10 ** Math.max(0, Math.ceil(Math.log10(Math.max(...latest)))));
    this.#of('trace').setAttribute('d', latest.map((ms, i) => `M${2 * i + 1} 30V${this.#height(ms)}`).join(''));
  }

  // height is where in the box a time lies, whose upper edge is 0 and whose lower edge is 30.
  #height(ms) {
    return (29 - 27 * (Math.log2(1 + 10 * ms) / Math.log2(1 + 10 * this.#top))).toFixed(1);
  }

  // scale draws the lines, and what they stand for.
  #scale(top) {
    if (top === this.#top) return;
    this.#top = top;
    const marks = Array.from({ length: decades }, (_, i) => top / 10 ** i).filter((ms) => ms >= 0.1);
    this.#of('grid').setAttribute('d', marks.map((ms) => `M0 ${this.#height(ms)}H120`).join(''));
    this.#of('scale').replaceChildren(...marks.map((ms) => {
      const mark = document.createElement('span');
      mark.textContent = `${ms} ms`;
      mark.style.top = `${(100 * this.#height(ms)) / 30}%`;
      return mark;
    }));
  }
}
