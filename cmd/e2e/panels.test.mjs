// The panels of the page for /time, /chat and the server itself, driven in a real browser.
// WIREWS is the server's binary, CHROMIUM the browser's, SHOTS a folder for screenshots (optional).

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { launch } from './browser.mjs';
import { startServer, theSamePage } from './server.mjs';
import { Visit } from './visit.mjs';

const screens = [
  ['wide-light', { viewport: { width: 1280, height: 800 }, colorScheme: 'light' }],
  ['narrow-dark', { viewport: { width: 360, height: 780 }, colorScheme: 'dark', deviceScaleFactor: 2 }],
];

let browser;
let server;
let visits = [];

async function open(path, options) {
  const visit = await Visit.open(browser, server, { path, viewport: { width: 1280, height: 800 }, ...options });
  visits.push(visit);
  return visit;
}

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

beforeEach(async () => {
  server = await startServer(process.env.WIREWS);
});

afterEach(async () => {
  for (const visit of visits) await visit.page.context().close();
  visits = [];
  assert.equal(await server.stop(), 0, 'exit status after SIGTERM');
});

describe('the views', { timeout: 300_000, skip: theSamePage }, () => {
  test('are one at a time, by link and by URL', async () => {
    const visit = await open('');
    const shown = () => visit.page.locator('[data-panel]:visible').evaluateAll((all) => all.map((panel) => panel.dataset.panel));
    for (const name of ['frames', 'time', 'chat', 'server', 'conform', 'code', 'echo']) {
      await visit.page.click(`#see-${name}`);
      await visit.page.waitForFunction((want) => document.title === want, `wirews ${name}`);
      assert.deepEqual(await shown(), [name]);
      assert.equal(await visit.page.getAttribute(`#see-${name}`, 'aria-current'), 'page');
    }
    visit.quiet();
    const direct = await open('#chat');
    assert.equal(await direct.page.isVisible('#join'), true);
    direct.quiet();
  });

  for (const [name, options] of screens) {
    test(`fit a screen that is ${name}, empty and in use`, async () => {
      const visit = await open('#time', options);
      const fits = async () => assert.ok(
        await visit.page.evaluate(() => document.documentElement.scrollWidth) <= options.viewport.width,
        `scrollWidth is at most ${options.viewport.width}`,
      );
      await fits();
      await visit.page.click('#time-toggle');
      await visit.becomes('time-n', /^[5-9]|\d\d/);
      await fits();
      await visit.shoot(`time-${name}`);
      await visit.page.click('#see-chat');
      await fits();
      await visit.page.fill('#name', 'somebody with a name of some length');
      await visit.page.click('#join');
      await visit.becomes('chat-state', 'open');
      for (const text of ['Hello, 世界 👋', '<b>not markup</b>', 'x'.repeat(300)]) await say(visit, text);
      await visit.page.locator('#talk li[data-event=message]').nth(2).waitFor();
      await fits();
      await visit.shoot(`chat-${name}`);
      visit.quiet();
    });
  }
});

describe('the keyboard alone', { timeout: 300_000, skip: theSamePage }, () => {
  // What Tab leads to in each panel, after the links to the panels.
  const orders = {
    frames: ['frames-text', 'frames-send'],
    time: ['rate', 'time-toggle'],
    chat: ['room', 'name', 'join', 'talk', 'say', 'say-send'],
    server: ['debug/vars', 'metrics', 'trial'],
    conform: ['conform-url', 'conform-run'],
    code: ['#echo', 'code-go', 'code-go-title', 'code-js', 'code-js-title', 'code-curl', 'code-curl-title'],
  };

  for (const [panel, order] of Object.entries(orders)) {
    test(`meets everything in the panel ${panel} in its order, with a visible focus`, async () => {
      const visit = await open(`#${panel}`);
      const met = [];
      while (met.length < order.length) {
        await visit.page.keyboard.press('Tab');
        const [name, outline] = await visit.page.evaluate(() => {
          const { activeElement: now } = document;
          const { copies } = now.dataset;
          return [now.id || copies || now.getAttribute('href') || now.getAttribute('aria-labelledby'), getComputedStyle(now).outlineStyle];
        });
        assert.equal(outline, 'solid', `the focus of ${name} shows`);
        if (!name.startsWith('see-')) met.push(name);
      }
      assert.deepEqual(met, order);
      visit.quiet();
    });
  }

  test('sends a message to see its frames, and starts and stops the time', async () => {
    const visit = await open('#frames');
    await visit.page.focus('#frames-text');
    await visit.page.keyboard.press('Control+A');
    await visit.page.keyboard.type('typed');
    await visit.page.keyboard.press('Enter');
    await visit.page.locator('#frames-seen h2', { hasText: 'typed' }).waitFor();
    await visit.page.focus('#see-time');
    await visit.page.keyboard.press('Enter');
    await visit.page.focus('#rate');
    await visit.page.keyboard.press('Enter');
    await visit.becomes('time-n', /^\d/);
    await visit.page.keyboard.press('Tab');
    await visit.page.keyboard.press('Space');
    await visit.becomes('time-state', 'closed');
    visit.quiet();
  });
});

describe('the frames', { timeout: 300_000 }, () => {
  test('are shown with their fields, masked and compressed', async () => {
    const visit = await open('#frames');
    const text = 'Hello, '.repeat(40);
    await visit.page.fill('#frames-text', text);
    await visit.page.click('#frames-send');
    const [received, sent] = await rowsOf(visit);
    assert.deepEqual(received.map(([, field]) => field),
      ['FIN 1, RSV1 1, opcode 1', `MASK 1, length ${hexLength(received[3])}`, 'Masking key', 'Payload, masked', 'Without the mask', 'Compression']);
    assert.match(received[5][2], new RegExp(`^280 bytes of the message, ${hexLength(received[3])} in this frame`));
    const [key, masked, plain] = [received[2], received[3], received[4]].map(([bytes]) => bytes.split(' ').map((byte) => parseInt(byte, 16)));
    assert.deepEqual(masked.map((byte, i) => byte ^ key[i % 4]), plain, 'the mask explains the bytes');
    assert.equal(sent[1][1].startsWith('MASK 0'), true);
    await visit.page.fill('#frames-text', '<b>not markup</b>');
    await visit.page.click('#frames-send');
    await visit.page.locator('#frames-seen h2', { hasText: '<b>not markup</b>' }).waitFor();
    visit.quiet();
  });

  test('come again when the server is back', async () => {
    const visit = await open('#frames');
    await visit.page.click('#frames-send');
    await visit.page.locator('#frames-seen table').first().waitFor();
    const { host } = new URL(server.url);
    assert.equal(await server.stop(), 0);
    await visit.becomes('frames-send', 'Connect and send');
    server = await startServer(process.env.WIREWS, host);
    await visit.becomes('frames-state', 'open');
    await visit.page.fill('#frames-text', 'back again');
    await visit.page.click('#frames-send');
    await visit.page.locator('#frames-seen h2', { hasText: 'back again' }).waitFor();
  });

  async function rowsOf(visit) {
    await visit.page.locator('#frames-seen table').nth(1).waitFor();
    return visit.page.locator('#frames-seen table').evaluateAll((tables) => tables.map(
      (table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
    ));
  }

  const hexLength = ([bytes]) => bytes.split(' ').length;
});

describe('the time', { timeout: 300_000 }, () => {
  test('comes at the rate that is asked for, until it is stopped, and again', async () => {
    const visit = await open('#time');
    await visit.page.fill('#rate', '100');
    for (let i = 0; i < 2; i++) {
      await visit.page.click('#time-toggle');
      await visit.becomes('time-n', /^\d{2,}$/);
      assert.match(await visit.text('time-clock'), /^\d\d:\d\d:\d\d\.\d{3}$/);
      assert.match(await visit.becomes('time-rate', /^\d/), /^[\d.]+$/);
      assert.ok(await visit.page.getAttribute('#time-trace', 'd'), 'the gaps are drawn');
      await visit.page.click('#time-toggle');
      await visit.becomes('time-state', 'closed');
      assert.equal(await visit.text('time-toggle'), 'Start');
      assert.equal(await visit.text('time-close'), '');
    }
    visit.quiet();
  });

  test('says what is wrong with a rate', async () => {
    const visit = await open('#time');
    for (const rate of ['', '0', 'fast', '1001']) {
      await visit.page.fill('#rate', rate);
      await visit.page.click('#time-toggle');
      await visit.becomes('rate-error', /0\.001 to 1000/);
      assert.equal(await visit.text('time-state'), 'closed');
    }
    visit.quiet();
  });

  test('says why the server has closed, and goes on when it is back', async () => {
    const visit = await open('#time');
    await visit.page.click('#time-toggle');
    await visit.becomes('time-state', 'open');
    // Watched from within the page: from here, a try might be over first.
    await visit.page.evaluate(() => {
      const close = document.getElementById('time-close');
      new MutationObserver((_, observer) => {
        if (!/gives up/.test(close.textContent)) return;
        observer.disconnect();
        globalThis.firstWait = close.textContent;
      }).observe(close, { childList: true, subtree: true });
    });
    const { host } = new URL(server.url);
    assert.equal(await server.stop(), 0);
    const said = await visit.page.waitForFunction(() => globalThis.firstWait);
    assert.match(await said.jsonValue(), /^1001 Going Away “server is shutting down”.* The page tries again in about 1 s\. “Stop” gives up\.$/);
    server = await startServer(process.env.WIREWS, host);
    await visit.becomes('time-state', 'open');
    await visit.becomes('time-n', /^\d/);
    await visit.page.click('#time-toggle');
    await visit.becomes('time-state', 'closed');
    assert.equal(await visit.text('time-toggle'), 'Start');
  });

  test('is waited for no longer when told so', async () => {
    const visit = await open('#time');
    await visit.page.click('#time-toggle');
    await visit.becomes('time-state', 'open');
    assert.equal(await server.stop(), 0);
    await visit.becomes('time-state', 'waiting');
    await visit.page.focus('#time-toggle');
    await visit.page.keyboard.press('Enter');
    await visit.becomes('time-state', 'closed');
    assert.equal(await visit.text('time-toggle'), 'Start');
    server = await startServer(process.env.WIREWS); // for afterEach
  });
});

describe('conformance', { timeout: 300_000, skip: theSamePage }, () => {
  test('of this server is tested, and the report shown', async () => {
    const visit = await open('#conform');
    await visit.page.focus('#conform-url');
    await visit.page.keyboard.press('Enter');
    // It takes seconds, and longer than a test waits otherwise where other work is under way.
    await visit.page.waitForFunction(() => /^It /.test(document.getElementById('conform-state').textContent), null, { timeout: 90_000 });
    assert.match(await visit.text('conform-state'), /^It conforms\. .*: \d+ cases, \d+ OK/);
    await visit.page.frameLocator('#conform-report').locator('h1').waitFor();
    await visit.shoot('conform-report');
    visit.quiet();
  });

  test('is not tested of what is no server', async () => {
    const visit = await open('#conform');
    for (const [url, words] of [['http://127.0.0.1/', /begins with ws/], ['ws://127.0.0.1:1/', /^It failed: .*127\.0\.0\.1:1/]]) {
      await visit.page.fill('#conform-url', url);
      await visit.page.click('#conform-run');
      await visit.becomes('conform-state', words);
    }
  });
});

describe('the code to copy', { timeout: 300_000, skip: theSamePage }, () => {
  const run = promisify(execFile);

  test('does what it says, in each language', async () => {
    const visit = await open('#code');
    const dir = await mkdtemp(join(tmpdir(), 'wirews-'));
    try {
      await writeFile(join(dir, 'main.go'), await visit.text('code-go'));
      const go = await run('go', ['run', join(dir, 'main.go')], { cwd: '..' }); // where go.mod has the module
      assert.equal(go.stdout, 'Hello\n');
    } finally {
      await rm(dir, { recursive: true });
    }
    const said = visit.page.waitForEvent('console', (message) => message.text() === 'Hello');
    const closed = visit.page.waitForEvent('console', (message) => message.text().startsWith('closed 1000'));
    await visit.page.evaluate(await visit.text('code-js'));
    await Promise.all([said, closed]);
    // It ends by its --max-time, status 28: the connection stays open.
    const curl = await run('sh', ['-c', await visit.text('code-curl')]).catch((err) => err);
    assert.match(curl.stdout, /^HTTP\/1\.1 101 [^]*Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
    visit.quiet();
  });

  test('has the URL of the echo, and is copied', async () => {
    const visit = await open('');
    await visit.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await visit.page.fill('#url', "wss://example.test/a'b?c=\"d\"");
    await visit.page.click('#see-code');
    await visit.becomes('code-url', "wss://example.test/a'b?c=%22d%22");
    assert.match(await visit.text('code-curl'), /'https:\/\/example\.test\/a%27b\?c=%22d%22'/);
    await visit.page.focus('[data-copies=code-js]');
    await visit.page.keyboard.press('Enter');
    await visit.becomes('code-copied', 'Copied.');
    assert.equal(await visit.page.evaluate(() => navigator.clipboard.readText()), await visit.text('code-js'));
    visit.quiet();
  });
});

describe('a chat', { timeout: 300_000 }, () => {
  test('shows everybody to everybody in the room', async () => {
    const [ann, bob, other] = [await open('#chat'), await open('#chat'), await open('#chat')];
    await enter(ann, 'den', 'ann');
    await enter(bob, 'den', 'bob');
    await enter(other, 'attic', 'ann');
    await ann.becomes('members', 'ann (you)bob');
    await bob.becomes('members', 'annbob (you)');
    await say(bob, 'Hi, <b>ann</b> 👋');
    for (const visit of [ann, bob]) await said(visit, 'bobHi, <b>ann</b> 👋');
    await say(ann, 'Hi, bob');
    for (const visit of [ann, bob]) await said(visit, 'annHi, bob');
    assert.equal(await ann.page.locator('#talk li[data-own]').textContent(), 'annHi, bob');
    await bob.page.click('#join');
    await bob.becomes('chat-state', 'closed');
    await ann.becomes('members', 'ann (you)');
    await said(ann, 'bob has left.');
    assert.equal(await other.page.locator('#talk li[data-event=message]').count(), 0);
    for (const visit of [ann, bob, other]) visit.quiet();
  });

  test('leaves the line to write in on the screen of a phone, however much is said', async () => {
    const visit = await open('#chat', screens[1][1]);
    await enter(visit, '', '');
    for (let i = 0; i < 40; i++) await say(visit, `line ${i}`);
    await said(visit, 'line 39');
    const below = await visit.page.evaluate(() => {
      scrollTo(0, 0);
      return document.getElementById('say-send').getBoundingClientRect().bottom - innerHeight;
    });
    assert.ok(below <= 0, `${below} px are below the screen`);
    visit.quiet();
  });

  test('gives a number to a name that is taken, and works by the keyboard alone', async () => {
    const [first, second] = [await open('#chat'), await open('#chat')];
    await enter(first, '', '');
    await second.page.focus('#room');
    await second.page.keyboard.press('Tab');
    await second.page.keyboard.press('Enter');
    await said(second, 'You are guest-2 in lobby.');
    // The focus has gone to where one speaks.
    await second.page.keyboard.type('typed');
    await second.page.keyboard.press('Enter');
    await said(first, 'guest-2typed');
    assert.equal(await second.page.inputValue('#say'), '');
    for (const visit of [first, second]) visit.quiet();
  });
});

describe('a chat whose server starts again', { timeout: 300_000 }, () => {
  test('is joined again by the page, which says that something may be missing', async () => {
    const visit = await open('#chat');
    await enter(visit, 'den', 'ann');
    const { host } = new URL(server.url);
    assert.equal(await server.stop(), 0);
    await said(visit, 'The connection was lost.');
    server = await startServer(process.env.WIREWS, host);
    await said(visit, 'You are back. Something that was said before this may be missing.');
    await say(visit, 'here again');
    await said(visit, 'annhere again');
    await visit.page.click('#join');
    await visit.becomes('chat-state', 'closed');
    assert.equal(await visit.page.isEditable('#room'), true);
  });
});

describe('the server', { timeout: 300_000 }, () => {
  test('opens 1,000 connections and shows what one takes', async () => {
    const visit = await open('#server');
    for (let i = 0; i < 2; i++) {
      await visit.page.focus('#trial');
      await visit.page.keyboard.press(['Enter', 'Space'][i]);
      await visit.becomes('trial-state', /^Running/);
      await visit.becomes('trial-state', /^(Measured|It failed)/);
      assert.match(await visit.text('trial-state'), /^Measured/);
      // More than half a KiB the second time too, when the memory of the first is free.
      assert.ok(parseFloat(await visit.text('trial-memory')) > 0.5, await visit.text('trial-memory'));
    }
    for (const id of ['trial-cpu', 'trial-rate', 'trial-p99']) assert.ok(await visit.number(id) > 0, id);
    await visit.becomes('server-opened', '4000');
    await visit.shoot('server-trial');
    visit.quiet();
  });

  test('tells what all its connections have done', async () => {
    const [visit, other] = [await open(''), await open('#chat')];
    await enter(other, 'den', 'ann');
    await visit.connect();
    await visit.sendText('x'.repeat(2000));
    await visit.disconnect(1000, '');
    await visit.page.click('#see-server');
    await visit.becomes('server-open', '1');
    await visit.becomes('server-opened', '2');
    await visit.becomes('server-peer', '1');
    await visit.becomes('server-received', '1');
    await visit.becomes('server-received-bytes', '2000');
    assert.match(await visit.text('server-received-compressed'), /^\d\.\d %$/);
    assert.equal(await visit.text('server-refused'), '0');
    assert.equal(await visit.text('server-fault'), '');
    await other.page.click('#join'); // leaves
    await visit.becomes('server-open', '0');
    await visit.shoot('server');
    visit.quiet();
    other.quiet();
  });

  test('fits a narrow screen', async () => {
    const visit = await open('#server', screens[1][1]);
    await visit.becomes('server-open', '0');
    assert.ok(await visit.page.evaluate(() => document.documentElement.scrollWidth) <= 360);
    await visit.shoot('server-narrow');
    visit.quiet();
  });
});

async function enter(visit, room, name) {
  await visit.page.fill('#room', room);
  await visit.page.fill('#name', name);
  await visit.page.click('#join');
  await visit.becomes('chat-state', 'open');
  await visit.page.locator('#talk li', { hasText: 'You are' }).waitFor();
}

async function say(visit, text) {
  await visit.page.fill('#say', text);
  await visit.page.click('#say-send');
}

function said(visit, text) {
  return visit.page.locator('#talk li', { hasText: text }).last().waitFor();
}
