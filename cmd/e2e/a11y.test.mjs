// Every panel of the page, examined by axe-core, wide and narrow, light and dark.
// WIREWS is the server's binary, CHROMIUM the browser's, SHOTS a folder for screenshots (optional).

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import axe from 'axe-core';
import { launch } from './browser.mjs';
import { startServer, theSamePage } from './server.mjs';
import { Visit } from './visit.mjs';

const panels = ['echo', 'frames', 'time', 'chat', 'server', 'conform', 'code'];
const screens = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };

let browser;
let server;

before(async () => {
  server = await startServer(process.env.WIREWS);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

// violations are those that axe-core finds in what is visible, one a line.
async function violations(visit) {
  await visit.page.evaluate(axe.source);
  const { violations: found, passes } = await visit.page.evaluate(() => globalThis.axe.run());
  assert.ok(passes.length > 10, 'axe-core has examined the page');
  return found.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help}: ${target}`));
}

// use fills the echo's panel with one row of each kind, and with a complaint.
async function use(visit) {
  await visit.connect();
  await visit.sendText('Hello');
  await visit.sendText('{"user":"ann","tags":["a","b"]}');
  await visit.page.locator('#log summary').last().click();
  await visit.page.fill('#hex', 'xyz');
  await visit.becomes('hex-error', /not a hex digit/);
}

describe('axe-core objects to nothing', { timeout: 300_000, skip: theSamePage }, () => {
  for (const [width, viewport] of Object.entries(screens)) {
    for (const panel of panels) {
      test(`${panel}, ${width}, light and dark`, async () => {
        const visit = await Visit.open(browser, server, { path: `#${panel}`, viewport, colorScheme: 'light' });
        try {
          if (panel === 'echo') await use(visit);
          if (panel === 'frames') {
            await visit.page.click('#frames-send');
            await visit.page.locator('#frames-seen table, #frames-close:not(:empty)').first().waitFor();
          }
          await visit.shoot(`${panel}-${width}-light`);
          assert.deepEqual(await violations(visit), [], 'light');
          await visit.page.emulateMedia({ colorScheme: 'dark' });
          await visit.shoot(`${panel}-${width}-dark`);
          assert.deepEqual(await violations(visit), [], 'dark');
        } finally {
          await visit.page.context().close();
        }
      });
    }
  }

  test('and would object to a button without a name', async () => {
    const visit = await Visit.open(browser, server, { viewport: screens.wide });
    try {
      await visit.page.evaluate(() => document.querySelector('main').append(document.createElement('button')));
      assert.match((await violations(visit)).join('\n'), /^button-name/m);
    } finally {
      await visit.page.context().close();
    }
  });
});
