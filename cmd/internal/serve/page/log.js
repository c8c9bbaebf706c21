// The log: one table row for each thing that happened, oldest rows dropped.

import { kept, opened } from './opened.js';

const maxRows = 400;
const longestHold = 5000; // ms
const arrows = { out: '↑ out', in: '↓ in', info: '·' };

function clock(date) {
  const two = (n) => String(n).padStart(2, '0');
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

// A message that its preview does not show as a whole can be opened. What it shows then is made when it is.
function fold(cell, message) {
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = cell.textContent;
  const whole = document.createElement('pre');
  details.append(summary, whole);
  details.addEventListener('toggle', () => {
    whole.textContent = details.open ? opened(message) : '';
  });
  cell.replaceChildren(details);
}

function rowOf({ at, direction, kind, length = 0, match, echo = '', what, data }) {
  const row = document.createElement('tr');
  Object.assign(row.dataset, { direction, kind, length });
  if (match !== undefined) row.dataset.match = match;
  const size = direction === 'info' ? '' : length;
  const cells = { time: clock(at), way: arrows[direction], kind, size, echo, what };
  for (const [name, text] of Object.entries(cells)) {
    const cell = row.insertCell();
    cell.className = name;
    cell.textContent = text;
  }
  const message = data === undefined ? undefined : kept(data);
  if (message) fold(row.lastChild, message);
  return row;
}

export class Log {
  #body;
  #waiting = [];
  #drawing = false;
  #held = false;
  #holding = undefined;

  constructor(body) {
    this.#body = body;
  }

  // add appends a row. length is in payload bytes; match is undefined where nothing was compared, and data where it is
  // about no message.
  add(row) {
    this.#waiting.push({ ...row, at: new Date() });
    // A hidden page draws nothing for hours, and must not hoard rows meanwhile.
    if (this.#waiting.length > maxRows) this.#waiting.shift();
    // Drawing each row at once would be most of the latency that a burst measures.
    if (this.#drawing || this.#held) return;
    this.#drawing = true;
    requestAnimationFrame(() => this.#draw());
  }

  // hold has rows wait, undrawn, until release: what is measured meanwhile is not to be the drawing. A burst of
  // which something is lost has no end, so that the wait has one.
  hold() {
    if (this.#held) return;
    this.#held = true;
    this.#holding = setTimeout(() => this.release(), longestHold);
  }

  release() {
    if (!this.#held) return;
    this.#held = false;
    clearTimeout(this.#holding);
    if (this.#waiting.length && !this.#drawing) this.#draw();
  }

  info(what) {
    this.add({ direction: 'info', kind: 'info', what });
  }

  error(what) {
    this.add({ direction: 'info', kind: 'error', what });
  }

  clear() {
    this.#waiting = [];
    this.#body.replaceChildren();
  }

  #draw() {
    this.#drawing = false;
    this.#body.append(...this.#waiting.map(rowOf));
    this.#waiting = [];
    while (this.#body.rows.length > maxRows) this.#body.deleteRow(0);
  }
}
