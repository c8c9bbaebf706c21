// The browser that the tests drive.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { patience } from './server.mjs';

const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export function launch() {
  assert.ok(process.env.WIREWS, 'the environment names the server binary: WIREWS=/path/to/wirews');
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args, timeout: patience });
}
