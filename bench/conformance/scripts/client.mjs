// Node's ws as a client of a fuzzing server: client.mjs URL AGENT N,N,N runs the cases with these numbers.

import WebSocket from 'ws';

const [url, agent, numbers] = process.argv.slice(2);

function run(n) {
  return new Promise((resolve) => {
    const ws = new WebSocket(`${url}/runCase?case=${n}&agent=${agent}`, { maxPayload: 64 << 20 });
    ws.on('message', (data, binary) => ws.send(data, { binary }));
    ws.on('error', () => {});
    ws.on('close', resolve);
  });
}

for (const n of numbers.split(',')) await run(n);
