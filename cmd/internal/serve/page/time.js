// The panel of /time: the server's clock, and how evenly its messages arrive.

import { Endpoint } from './endpoint.js';
import { Reconnect } from './reconnect.js';

const tracedGaps = 120;
const rateWindow = 2000; // ms

const of = (id) => document.getElementById(id);
const endpoint = new Endpoint(document.querySelector('[data-panel=time]'), of('time-state'), of('time-close'));

let arrivals = []; // of the latest messages, ms
let gaps = [];
let latest = null;
let drawing = false;

function clear() {
  arrivals = [];
  gaps = [];
  latest = null;
}

function receive(tick) {
  const now = performance.now();
  if (arrivals.length) gaps.push(now - arrivals.at(-1));
  if (gaps.length > tracedGaps) gaps.shift();
  arrivals.push(now);
  while (arrivals.length > 2 && now - arrivals[1] > rateWindow) arrivals.shift();
  latest = { tick, offset: Date.parse(tick.time) - Date.now() };
  // At a thousand messages a second, drawing each would be all that the page does.
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(draw);
}

function draw() {
  drawing = false;
  if (!latest) return;
  const time = new Date(latest.tick.time);
  of('time-clock').textContent = time.toISOString().slice(11, 23);
  of('time-n').textContent = latest.tick.n;
  of('time-offset').textContent = latest.offset;
  if (!gaps.length) return;
  const spans = arrivals.length - 1;
  of('time-rate').textContent = (1000 * spans / (arrivals.at(-1) - arrivals[0])).toFixed(1);
  const longest = Math.max(...gaps);
  of('time-gap').textContent = longest.toFixed(0);
  const stroke = (gap, i) => `M${2 * i + 1} 60V${(59 - 57 * (gap / longest)).toFixed(1)}`;
  of('time-trace').setAttribute('d', gaps.map(stroke).join(''));
}

let rate = 0;
let asked = false; // we have been told to stop
const reconnect = new Reconnect(connect);

function connect() {
  clear();
  return endpoint.connect(`time?rate=${rate}`, receive, ended);
}

function ended({ code, opened }) {
  const wait = reconnect.after({ code, opened, asked });
  if (wait === undefined) return stopped();
  return endpoint.waits(wait, ' “Stop” gives up.');
}

function stopped() {
  of('time-toggle').textContent = 'Start';
}

function stop() {
  asked = true;
  reconnect.stop();
  if (endpoint.closed) stopped();
  endpoint.close();
}

function complain(words) {
  of('rate').setAttribute('aria-invalid', words !== '');
  of('rate-error').textContent = words;
}

of('time-form').addEventListener('submit', (event) => {
  event.preventDefault();
  if (of('time-toggle').textContent === 'Stop') return stop();
  rate = Number(of('rate').value.trim().replace(',', '.'));
  if (!(rate >= 0.001 && rate <= 1000)) return complain('A number from 0.001 to 1000.');
  complain('');
  asked = false;
  of('time-toggle').textContent = 'Stop';
  return connect();
});
