// The page of `wirews serve`, driven in a real browser.
// WIREWS is the server's binary, WIREWS_FLAGS what it is given besides (optional), CHROMIUM the browser's, SHOTS a folder for screenshots (optional).

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { launch } from './browser.mjs';
import { patience, startServer, theSamePage, within } from './server.mjs';
import { Visit } from './visit.mjs';

const wide = { width: 1280, height: 800 };
const narrow = { width: 360, height: 780 };

let browser;
let server;
let visit;
let page;

async function openPage(options) {
  visit = await Visit.open(browser, server, { viewport: wide, ...options });
  page = visit.page;
}

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

beforeEach(async () => {
  server = await startServer(process.env.WIREWS);
});

afterEach(async () => {
  await page?.context().close();
  page = undefined;
  const status = await server?.stop();
  server = undefined;
  assert.ok(status === 0 || status === undefined, `exit status after SIGTERM is 0, got ${status}`);
});

describe('the echo page', { timeout: 300_000 }, () => {
  test('connects by itself, without a word on the console and without a failed request', async () => {
    await openPage();
    await visit.becomes('state', 'open');
    assert.equal(await page.inputValue('#url'), `${server.url.replace('http', 'ws')}echo`);
    visit.quiet();
  });

  test('takes the URL from ?url= and does not connect by itself', async () => {
    await openPage({ path: '?url=ws://example.test/other' });
    assert.equal(await page.inputValue('#url'), 'ws://example.test/other');
    assert.equal(await visit.text('state'), 'closed');
    visit.quiet();
  });

  test('probes its own echo, which is drawn, and neither logged nor counted', async () => {
    await openPage({ probe: true });
    await visit.connect();
    await page.waitForFunction(() => document.getElementById('trace').getAttribute('d').match(/M/g)?.length > 1);
    assert.match(await visit.text('rtt-last'), /^\d/);
    assert.match(await visit.text('scale'), /^10*\.?\d* ms/);
    assert.deepEqual([await visit.text('out-messages'), await visit.text('in-messages'), await visit.text('awaited')], ['0', '0', '0']);
    assert.equal(await page.locator('#log [data-direction=in], #log [data-direction=out]').count(), 0);
    assert.equal((await visit.sendText('between probes')).match, 'true');
    await visit.shoot('probe');
    visit.quiet();
  });

  test('sends a probe to no other URL unless told to, and takes what is no echo of it for what it is', async () => {
    const heard = [];
    const prepare = (fresh) => fresh.routeWebSocket(/\/news$/, (peer) => peer.onMessage((text) => {
      heard.push(text);
      peer.send('news');
    }));
    await openPage({ probe: true, prepare, path: '?url=/news' });
    await visit.connect();
    assert.equal(await page.isChecked('#probe'), false);
    assert.deepEqual(heard, []);
    await page.check('#probe');
    await visit.becomes('in-messages', /[1-9]/);
    assert.equal(heard[0], 'probe');
    await page.locator('#log [data-direction=in]:not([data-match])', { hasText: 'news' }).first().waitFor();
    assert.equal(await visit.text('rtt-last'), '–');
    visit.quiet();
  });

  test('echoes text in every script, and binary', async () => {
    await openPage();
    await visit.connect();
    for (const text of ['plain ASCII', '世界，你好。こんにちは', '👋🏽 👩‍👩‍👧 🇪🇺', '', '<b>not markup</b>']) {
      const row = await visit.sendText(text);
      assert.deepEqual([row.kind, row.length, row.match, row.what],
        ['text', String(Buffer.byteLength(text)), 'true', text], `echo of ${JSON.stringify(text)}`);
    }
    const [row] = await visit.echoed(1, async () => {
      await page.fill('#hex', 'DE:ad be,ef 00ff');
      await page.click('#send-hex');
    });
    assert.deepEqual([row.kind, row.length, row.match, row.what], ['binary', '6', 'true', 'de ad be ef 00 ff']);
    visit.quiet();
  });

  test('says what is wrong with hex and sends nothing', async () => {
    await openPage();
    await visit.connect();
    for (const [hex, words] of [['abc', /3 digits/], ['0g', /“g” is not a hex digit/]]) {
      await page.fill('#hex', hex);
      await page.click('#send-hex');
      await visit.becomes('hex-error', words);
      assert.equal(await page.getAttribute('#hex', 'aria-invalid'), 'true');
    }
    await visit.sendText('the first to leave');
    assert.equal(await visit.number('out-messages'), 1);
    visit.quiet();
  });

  test('sends a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wirews-'));
    try {
      const path = join(folder, 'bytes.bin');
      await writeFile(path, Buffer.from([0, 1, 2, 253, 254, 255]));
      await openPage();
      await visit.connect();
      const [row] = await visit.echoed(1, async () => {
        await page.setInputFiles('#file', path);
        await page.click('#send-file');
      });
      assert.deepEqual([row.kind, row.length, row.match, row.what], ['binary', '6', 'true', '00 01 02 fd fe ff']);
      visit.quiet();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('opens a long message, indents JSON without changing it, and dumps bytes', async () => {
    await openPage();
    await visit.connect();
    const long = `begin ${'x'.repeat(70_000)}`;
    const open = async () => {
      const details = page.locator('#log details').last();
      await details.locator('summary').focus();
      await page.keyboard.press('Enter');
      await details.locator('pre:not(:empty)').waitFor();
      return details.locator('pre');
    };
    const json = '{"n":12345678901234567890,"n":1e400, "s":"a \\"{,}\\" b","none":[ ],"l":[1,{"t":true}]}';
    await visit.sendText(json);
    const indented = [
      '{', '  "n": 12345678901234567890,', '  "n": 1e400,', '  "s": "a \\"{,}\\" b",', '  "none": [],',
      '  "l": [', '    1,', '    {', '      "t": true', '    }', '  ]', '}',
    ];
    assert.equal(await (await open()).textContent(), indented.join('\n'));
    await visit.sendText('{ no JSON }');
    assert.equal(await (await open()).textContent(), '{ no JSON }');
    await visit.sendText('two\nlines');
    assert.equal(await (await open()).textContent(), 'two\nlines');
    await visit.sendText(long);
    assert.equal(await (await open()).textContent(), `${long.slice(0, 65536)}\n… the first 64 KiB`);
    await visit.echoed(1, async () => {
      await page.fill('#hex', '00'.repeat(24) + '41ff');
      await page.click('#send-hex');
    });
    assert.match(await (await open()).textContent(), /^000000  00 00 00 00 00 00 00 00  ·{8}\n[^]*\n000018  41 ff {20}A·$/);
    await visit.sendText('short');
    assert.equal(await page.locator('#log tr').last().locator('details').count(), 0, 'its preview says all');
    visit.quiet();
  });

  test('verifies 5 MiB byte for byte', async () => {
    await openPage();
    await visit.connect();
    const [row] = await visit.echoed(1, () => page.click('#send-big'));
    assert.deepEqual([row.kind, row.length, row.match], ['binary', String(5 << 20), 'true']);
    assert.equal(await visit.number('in-bytes'), 5 << 20);
    await page.locator('#log [data-kind=info]', { hasText: '5 MiB came back' }).waitFor();
    visit.quiet();
  });

  test('gets all 500 of a burst back, in order', async () => {
    await openPage();
    await visit.connect();
    const rows = await visit.echoed(500, async () => {
      await page.fill('#burst-count', '500');
      await page.click('#send-burst');
    });
    assert.ok(rows.every((row) => row.match === 'true'), 'every echo equals its message');
    assert.equal(await visit.number('differing'), 0);
    assert.equal(await visit.number('awaited'), 0);
    assert.ok(await page.locator('#log > *').count() <= 400, 'the log is bounded');
    assert.match(await visit.becomes('rtt-median', /^\d/), /^[\d.]+$/);
    visit.quiet();
  });

  test('draws the log of a burst once the last echo is there, or is not to be expected', async () => {
    const prepare = (fresh) => fresh.routeWebSocket(/\/echo$/, (peer) => peer.onMessage((message) => {
      if (message !== 'burst 9 of 20') peer.send(message);
    }));
    await openPage({ prepare });
    await visit.connect();
    await page.fill('#burst-count', '20');
    await page.click('#send-burst');
    await visit.becomes('in-messages', '19');
    await page.locator('#log [data-direction=in]').nth(18).waitFor();
    visit.quiet();
  });

  test('closes with the code and reason given, and connects again', async () => {
    await openPage();
    for (const [code, name] of [[1000, 'Normal Closure'], [3000, 'Unauthorized'], [4999, 'Private Use']]) {
      await visit.connect();
      await visit.sendText(`before ${code}`);
      await visit.disconnect(code, 'bye 👋');
      const info = await visit.text('close-info');
      assert.ok(info.startsWith(`${code} ${name} “bye 👋”, wasClean true`), `close info for ${code}, got ${info}`);
    }
    visit.quiet();
  });

  test('keeps back a close code that a page may not send', async () => {
    await openPage();
    await visit.connect();
    for (const code of ['1001', '2999', '5000', 'x', '']) {
      await page.fill('#code', code);
      await page.click('#disconnect');
      await visit.becomes('code-error', /1000, or 3000 to 4999/);
      assert.equal(await visit.text('state'), 'open', `after code ${JSON.stringify(code)}`);
    }
    visit.quiet();
  });

  test('sees 1001 when the server is stopped', async () => {
    await openPage();
    await page.uncheck('#reconnect');
    await visit.connect();
    await visit.sendText('still there');
    const status = await server.stop();
    server = undefined;
    assert.equal(status, 0, 'exit status after SIGTERM');
    await visit.becomes('state', 'closed');
    assert.match(await visit.text('close-info'), /^1001 Going Away.*wasClean true/);
    assert.match(await visit.text('explain'), /shutting down/);
    visit.quiet();
  });

  test('marks an echo that differs, and explains a close by the server', async () => {
    const prepare = (fresh) => fresh.routeWebSocket(/\/echo$/, (peer) => peer.onMessage((message) => {
      if (message === 'end') return peer.close({ code: 1009, reason: 'too long' });
      return peer.send(message.replace('b', 'B'));
    }));
    await openPage({ prepare });
    await visit.connect();
    assert.equal((await visit.sendText('aaa')).match, 'true');
    const row = await visit.sendText('abc');
    assert.deepEqual([row.match, row.what], ['false', 'byte 1 differs: sent 62 · aBc']);
    assert.equal(await visit.number('differing'), 1);
    await page.fill('#text', 'end');
    await page.click('#send-text');
    await visit.becomes('close-info', /^1009 Message Too Big “too long”, wasClean true/);
    assert.match(await visit.text('explain'), /larger than the server’s limit/);
    visit.quiet();
  });

  test('connects again when the server is back, and says that it waits', async () => {
    await openPage();
    await visit.connect();
    await server.stop();
    await visit.becomes('explain', /The page tries again in about \d+ s/);
    server = await startServer(process.env.WIREWS, new URL(server.url).host);
    await visit.becomes('state', 'open');
    assert.match(await visit.text('close-info'), /^1001 Going Away/, 'a try that failed is no last close');
    assert.equal((await visit.sendText('again')).match, 'true');
  });

  test('gives up what it waits for when told to, and does not wait after a close for good', async () => {
    const prepare = (fresh) => fresh.routeWebSocket(/\/echo$/, (peer) => peer.onMessage((code) => peer.close({ code: Number(code) })));
    await openPage({ prepare });
    for (const stop of ['disconnect', 'reconnect']) {
      await visit.connect();
      // Clicked from within the page: from here, the wait might be over first.
      await page.evaluate((id) => new MutationObserver((_, observer) => {
        if (document.documentElement.dataset.state !== 'waiting') return;
        observer.disconnect();
        document.getElementById(id).click();
      }).observe(document.documentElement, { attributes: true }), stop);
      await page.fill('#text', '1012');
      await page.click('#send-text');
      await visit.becomes('explain', /gave up/);
      assert.equal(await visit.text('state'), 'closed');
    }
    await page.check('#reconnect');
    for (const code of ['1000', '1008', '4000']) {
      await visit.connect();
      await page.fill('#text', code);
      await page.click('#send-text');
      await visit.becomes('state', 'closed');
      assert.ok((await visit.text('close-info')).startsWith(code));
    }
    visit.quiet();
  });

  test('explains a connection that did not come about', async () => {
    await openPage();
    await visit.connect();
    await visit.disconnect(1000, '');
    await page.fill('#url', `${server.url.replace('http', 'ws')}nothing-here`);
    await page.click('#connect');
    await visit.becomes('close-info', /^1006 Abnormal Closure.*wasClean false/);
    assert.match(await visit.text('explain'), /is \/nothing-here the right path/);
    assert.equal(await visit.text('state'), 'closed');
    await page.fill('#url', 'ftp://127.0.0.1/');
    await page.click('#connect');
    await visit.becomes('url-error', /begins with ws/);
    assert.equal(await visit.text('explain'), '', 'of the attempt before');
  });
});

describe('the keyboard alone', { timeout: 300_000, skip: theSamePage }, () => {
  const order = [
    'see-echo', 'see-frames', 'see-time', 'see-chat', 'see-server', 'see-conform', 'see-code', 'url', 'offer', 'connect', 'reconnect', 'code', 'reason', 'disconnect', 'text', 'send-text', 'hex', 'send-hex',
    'file', 'send-file', 'big-size', 'send-big', 'burst-count', 'send-burst', 'probe', 'clear',
  ];

  // tabTo goes there with Tab only, and fails where the order does not lead there.
  async function tabTo(id) {
    for (let i = 0; i <= 2 * order.length; i++) {
      if (await page.evaluate(() => document.activeElement.id) === id) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`Tab does not lead to #${id}`);
  }

  async function retype(text) {
    await page.keyboard.press('Control+A');
    await page.keyboard.type(text);
  }

  test('meets everything in the order of the page, with a visible focus', async () => {
    await openPage();
    const met = [];
    for (let i = 0; i < order.length; i++) {
      await page.keyboard.press('Tab');
      const [id, outline] = await page.evaluate(() => {
        const { id: found } = document.activeElement;
        return [found, getComputedStyle(document.activeElement).outlineStyle];
      });
      met.push(id);
      assert.equal(outline, 'solid', `the focus of #${id} shows`);
    }
    assert.deepEqual(met, order);
    visit.quiet();
  });

  test('connects, sends each kind, and closes', async () => {
    await openPage();
    await visit.becomes('state', 'open');
    await tabTo('disconnect');
    await page.keyboard.press('Enter');
    await visit.becomes('state', 'closed');
    await tabTo('url');
    await page.keyboard.press('Enter');
    await visit.becomes('state', 'open');

    await tabTo('text');
    await page.keyboard.type('typed');
    let [row] = await visit.echoed(1, () => page.keyboard.press('Control+Enter'));
    assert.equal(row.what, 'typed');
    await tabTo('send-text');
    [row] = await visit.echoed(1, () => page.keyboard.press('Enter'));
    assert.equal(row.what, 'typed');

    await tabTo('hex');
    await page.keyboard.type('c0ffee');
    [row] = await visit.echoed(1, () => page.keyboard.press('Enter'));
    assert.equal(row.what, 'c0 ff ee');

    // Awaited before tabTo and not before the key: what tabTo asks of the page comes back only when the
    // page knows that the chooser is awaited, but a key overtakes that knowledge, and the event is lost.
    const choosing = page.waitForEvent('filechooser');
    await tabTo('file');
    await page.keyboard.press('Space');
    await (await choosing).setFiles({ name: 'a', mimeType: 'text/plain', buffer: Buffer.from('file') });
    await tabTo('send-file');
    [row] = await visit.echoed(1, () => page.keyboard.press('Enter'));
    assert.equal(row.length, '4');

    await tabTo('big-size');
    await page.keyboard.press('Home');
    await tabTo('send-big');
    [row] = await visit.echoed(1, () => page.keyboard.press('Enter'));
    assert.equal(row.length, '65536');

    await tabTo('burst-count');
    await retype('7');
    await visit.echoed(7, () => page.keyboard.press('Enter'));

    await tabTo('clear');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#log > *').count(), 0);

    await tabTo('code');
    await retype('3001');
    await tabTo('reason');
    await page.keyboard.type('done');
    await page.keyboard.press('Enter');
    await visit.becomes('close-info', /^3001 Unassigned “done”, wasClean true/);
    visit.quiet();
  });
});

describe('every screen', { timeout: 300_000, skip: theSamePage }, () => {
  const screens = [
    ['wide-light', { viewport: wide, colorScheme: 'light' }],
    ['wide-dark', { viewport: wide, colorScheme: 'dark' }],
    ['narrow-light', { viewport: narrow, colorScheme: 'light', hasTouch: true, deviceScaleFactor: 2 }],
    ['narrow-dark', { viewport: narrow, colorScheme: 'dark', reducedMotion: 'reduce', deviceScaleFactor: 2 }],
  ];
  for (const [name, options] of screens) {
    test(`${name} fits its width, empty and in use`, async () => {
      await openPage(options);
      const fits = async () => assert.ok(
        await page.evaluate(() => document.documentElement.scrollWidth) <= options.viewport.width,
        `scrollWidth is at most ${options.viewport.width}`,
      );
      await visit.connect();
      await fits();
      await visit.shoot(`${name}-empty`);
      await visit.sendText('Hello, 世界 👋');
      await visit.sendText('a long unbroken line: ' + 'x'.repeat(400));
      await visit.echoed(1, () => page.click('#send-big'));
      await visit.echoed(20, async () => {
        await page.fill('#burst-count', '20');
        await page.click('#send-burst');
      });
      await page.fill('#hex', 'xyz');
      await visit.becomes('rtt-median', /^\d/);
      await fits();
      await visit.shoot(name);
      await visit.disconnect(4000, 'a reason of some length, so that it has to wrap somewhere');
      await fits();
      await visit.shoot(`${name}-after`);
      visit.quiet();
    });
  }
});

test('a page from another origin is refused and never open', { timeout: 60_000 }, async () => {
  // Its title tells what the WebSocket did, up to the first event that decides.
  const html = `<!doctype html><title>waiting</title><script>
    const ws = new WebSocket('${server.url.replace('http', 'ws')}echo');
    const seen = [];
    ws.onopen = () => { document.title = 'open'; };
    ws.onerror = () => { seen.push('error'); };
    ws.onclose = (event) => { document.title = [...seen, 'close ' + event.code].join(', '); };
  </script>`;
  const stranger = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(html);
  });
  stranger.listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  try {
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${stranger.address().port}/`);
    const decided = page.waitForFunction(() => document.title !== 'waiting', null, { timeout: patience });
    await within('the WebSocket of the other origin to open or close', decided);
    assert.equal(await page.title(), 'error, close 1006');
  } finally {
    stranger.closeAllConnections();
    stranger.close();
  }
});
