// A visit of the page: what a person does there, and what can be seen.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { patience } from './server.mjs';

export class Visit {
  // complaints collects what the console and the network had to object.
  complaints = [];

  constructor(page) {
    this.page = page;
  }

  // open makes a context of its own for the visit; path is relative to the server's URL, prepare is
  // given the page before it goes there, the other options are Playwright's for a context. A visit
  // goes to one page only: a second would abort what the first still loads, its icon above all.
  // Without probe the page sends only what it is told to.
  static async open(browser, server, { path = '', prepare = () => {}, probe = false, ...options }) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(patience);
    const visit = new Visit(await context.newPage());
    visit.#listen();
    if (!probe) await visit.page.addInitScript(() => addEventListener('DOMContentLoaded', () => document.getElementById('probe')?.click()));
    await prepare(visit.page);
    await visit.page.goto(server.url + path);
    return visit;
  }

  #listen() {
    const complain = (words) => this.complaints.push(words);
    this.page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complain(`${message.type()}: ${message.text()}`);
    });
    this.page.on('pageerror', (err) => complain(`uncaught: ${err.message}`));
    this.page.on('requestfailed', (request) => complain(`failed: ${request.url()} ${request.failure()?.errorText}`));
    this.page.on('response', (response) => {
      if (response.status() >= 400) complain(`${response.status()}: ${response.url()}`);
    });
  }

  quiet() {
    assert.deepEqual(this.complaints, [], 'the console and the network are quiet');
  }

  text(id) {
    return this.page.textContent(`#${id}`);
  }

  async number(id) {
    return Number(await this.text(id));
  }

  // frame waits for the next drawing, which brings the log up to date.
  frame() {
    return this.page.evaluate(() => new Promise(requestAnimationFrame));
  }

  // becomes waits until an element's text is what the pattern or string says.
  async becomes(id, want) {
    const fits = (text) => (want instanceof RegExp ? want.test(text) : text === want);
    const limit = performance.now() + patience;
    let got;
    do {
      got = await this.text(id);
      if (fits(got)) return got;
      await this.frame();
    } while (performance.now() < limit);
    return assert.fail(`#${id} should become ${want}, after ${patience / 1000} s it is ${JSON.stringify(got)}`);
  }

  // connect waits for the connection of the page's own, or makes one if it is closed.
  async connect() {
    if (await this.text('state') === 'closed') await this.page.click('#connect');
    await this.becomes('state', 'open');
  }

  async disconnect(code, reason) {
    await this.page.fill('#code', String(code));
    await this.page.fill('#reason', reason);
    await this.page.click('#disconnect');
    await this.becomes('state', 'closed');
  }

  // echoed acts, waits for n more messages, and returns the latest n echoes of the log.
  async echoed(n, act) {
    const had = await this.number('in-messages');
    await act();
    await this.becomes('in-messages', String(had + n));
    await this.frame();
    const rows = await this.page.locator('#log [data-direction=in][data-match]').evaluateAll(
      (all) => all.map((row) => ({ ...row.dataset, what: row.querySelector('.what').textContent })),
    );
    return rows.slice(-n);
  }

  async sendText(text) {
    const [row] = await this.echoed(1, async () => {
      await this.page.fill('#text', text);
      await this.page.click('#send-text');
    });
    return row;
  }

  async shoot(name) {
    if (!process.env.SHOTS) return;
    await this.page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true });
  }
}
