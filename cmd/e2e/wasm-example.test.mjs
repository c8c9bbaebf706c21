// The example of a client in a web page, ../../examples/browser, in a real browser. EXAMPLE is its binary.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { launch } from './browser.mjs';
import { within } from './server.mjs';
import { Visit } from './visit.mjs';

// startExample resolves with the example's URL, and with the sizes of its client in bytes.
async function startExample() {
  const cwd = new URL('../../examples', import.meta.url);
  const child = spawn(process.env.EXAMPLE, ['-addr', '127.0.0.1:0'], { cwd, stdio: ['ignore', 'inherit', 'pipe'] });
  const heard = [];
  const listening = new Promise((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      heard.push(line);
      const [url] = /http:\S+/.exec(line) ?? [];
      if (url) resolve(url);
    });
    child.once('exit', () => reject(new Error(`the example has ended: ${heard.join('\n')}`)));
  });
  const url = await listening;
  const [, plain, gzip] = /the client has (\d+) bytes, and (\d+) by gzip/.exec(heard.join('\n'));
  return { url, plain: Number(plain), gzip: Number(gzip), stop: () => child.kill() };
}

test('the example of a client in a page', { timeout: 300_000 }, async (t) => {
  const example = await startExample();
  const browser = await launch();
  t.after(() => browser.close());
  t.after(() => example.stop());

  await t.test('is a chat', async () => {
    const connected = (visit) => visit.becomes('state', /^connected/);
    const anna = await Visit.open(browser, example, {});
    const bert = await Visit.open(browser, example, {});
    await Promise.all([connected(anna), connected(bert)]);
    for (const [speaker, text] of [[anna, 'Hello, 世界 👋'], [bert, '<b>not markup</b>']]) {
      await speaker.page.fill('#text', text);
      await speaker.page.click('button');
      for (const visit of [anna, bert]) {
        await within(`“${text}”`, visit.page.locator('#said li', { hasText: text }).waitFor());
      }
    }
    for (const visit of [anna, bert]) visit.quiet();
  });

  await t.test('has the size that docs/browser.md says', async () => {
    const doc = await readFile(new URL('../../docs/browser.md', import.meta.url), 'utf8');
    const [, plain, gzip] = /\[examples\/browser\].* \| ([\d.]+) MB \| ([\d.]+) MB \|/.exec(doc);
    for (const [what, said, is] of [['plain', plain, example.plain], ['gzip', gzip, example.gzip]]) {
      assert.ok(Math.abs(said * 1e6 - is) < 0.1 * is, `${what}: docs/browser.md says ${said} MB, and it is ${is} bytes`);
    }
  });
});
