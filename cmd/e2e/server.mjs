// The server under test: started on a free port, stopped with SIGTERM.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export const patience = 20_000;

// within rejects, naming what was awaited, when a promise takes longer than patience.
export async function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${patience / 1000} s for ${what}`)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// The flags of the server that is tested, such as --poll.
const flags = (process.env.WIREWS_FLAGS ?? '').split(' ').filter((flag) => flag);

// theSamePage is why what is tested of the page alone is skipped: it is tested without flags.
export const theSamePage = flags.length > 0 && `the page is the same with ${flags.join(' ')}`;

// startServer runs `binary serve` and resolves once its log says where it listens.
export async function startServer(binary, addr = '127.0.0.1:0') {
  const child = spawn(binary, ['serve', '--addr', addr, ...flags], { stdio: ['ignore', 'inherit', 'pipe'] });
  const gone = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const heard = [];
  const listening = new Promise((resolve, reject) => {
    child.once('error', reject);
    createInterface({ input: child.stderr }).on('line', (line) => {
      heard.push(line);
      const url = /\bmsg=listening\b.*\burl=(http:\/\/\S+)/.exec(line);
      if (url) resolve(url[1]);
    });
    gone.then(({ code, signal }) => reject(new Error(`the server ended early (status ${code}, signal ${signal})`)), reject);
  });
  try {
    const url = await within('the line "msg=listening" on the server\'s stderr', listening);
    return { url, stop: () => stopServer(child, gone) };
  } catch (err) {
    child.kill('SIGKILL');
    throw new Error(`${err.message}; stderr was:\n${heard.join('\n')}`);
  }
}

// stopServer asks politely, and by force where that is not heard; it resolves with the exit status.
async function stopServer(child, gone) {
  child.kill('SIGTERM');
  try {
    const { code, signal } = await within('the server to exit after SIGTERM', gone);
    return code ?? signal;
  } catch (err) {
    child.kill('SIGKILL');
    throw err;
  }
}
