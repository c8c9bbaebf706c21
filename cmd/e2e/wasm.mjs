// What runs package websocket in wasm has in common: the tests of the directory page, and their server.
// PEER is the server's binary, PAGE a folder with index.html, page.test.wasm, and wasm_exec.js and
// wasm_exec_node.js of Go.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { within } from './server.mjs';

export const args = ['-test.v', '-test.timeout=200s'];

// startPeer returns the server, and the URL that it says in its first line. It ends with its input.
export async function startPeer() {
  const child = spawn(process.env.PEER, ['-dir', process.env.PAGE], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [url] = await within('the first line of the peer', once(createInterface({ input: child.stdout }), 'line'));
  return { url, stop: () => child.stdin.end() };
}

// passed looks whether all tests have run and succeeded, by the output of -test.v.
export function passed(status, lines) {
  const output = lines.join('\n');
  assert.equal(status, 0, output);
  assert.ok(lines.filter((line) => line.startsWith('--- PASS')).length >= 20, `all tests have run:\n${output}`);
  assert.doesNotMatch(output, /--- SKIP/);
}
