// Package websocket in a web page, in a real browser. CHROMIUM is its binary; wasm.mjs has the rest.

import { test } from 'node:test';
import { launch } from './browser.mjs';
import { args, passed, startPeer } from './wasm.mjs';

test('package websocket works in a page', { timeout: 240_000 }, async () => {
  const peer = await startPeer();
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const lines = [];
    page.on('console', (message) => lines.push(...message.text().split('\n')));
    page.on('pageerror', (err) => lines.push(`uncaught: ${err.message}`));
    await page.goto(peer.url);
    passed(await page.evaluate((args) => run(args), args), lines);
  } finally {
    await browser.close();
    peer.stop();
  }
});
