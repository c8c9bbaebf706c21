// Package websocket in Node, whose WebSocket is like that of a page.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { args, passed, startPeer } from './wasm.mjs';

test('package websocket works in Node', { timeout: 240_000 }, async () => {
  const peer = await startPeer();
  try {
    const [runner, tests] = ['wasm_exec_node.js', 'page.test.wasm'].map((name) => join(process.env.PAGE, name));
    const child = spawn(process.execPath, ['--stack-size=8192', '--experimental-websocket', runner, tests, ...args], {
      env: { ...process.env, PAGE_SERVER: peer.url }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines = [];
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', (line) => lines.push(line));
    const [status] = await once(child, 'close');
    passed(status, lines);
  } finally {
    peer.stop();
  }
});
