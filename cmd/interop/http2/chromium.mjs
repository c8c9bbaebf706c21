// Chromium as a client over HTTP/2 or HTTP/3: chromium.mjs URL SPKI h2|h3. URL is of a page; the WebSocket is at the same
// place. SPKI is the hash of the key to trust. It prints by which protocol the page came, and what the WebSocket gets.
import { chromium } from 'playwright-core';

const [url, spki, version] = process.argv.slice(2);
const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  `--ignore-certificate-errors-spki-list=${spki}`];
if (version === 'h3') {
  // WebSocket over HTTP/3 is there, and switched off.
  args.push(`--origin-to-force-quic-on=${new URL(url).host}`, '--enable-features=EnableWebsocketsOverHttp3');
} else {
  args.push('--disable-quic');
}
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
const page = await browser.newPage();
await page.goto(url);
console.log('page', await page.evaluate(() => performance.getEntriesByType('navigation')[0].nextHopProtocol));
const events = await page.evaluate((url) => new Promise((resolve) => {
  const events = [];
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send('hello');
  socket.onerror = () => events.push('error');
  socket.onmessage = (event) => {
    events.push(`message ${event.data}`);
    socket.close(3000, 'bye');
  };
  socket.onclose = (event) => {
    events.push(`closed ${event.code} ${event.wasClean}`);
    resolve(events);
  };
}), url.replace('https', 'wss'));
console.log(events.join('\n'));
await browser.close();
