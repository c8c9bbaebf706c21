// The panel of the server: what all its connections have done. It is asked for as long as the panel is seen.

const every = 1000; // ms

const of = (id) => document.getElementById(id);
const panel = document.querySelector('[data-panel=server]');

function show(stats) {
  const total = (counts) => Object.values(counts).reduce((sum, n) => sum + n, 0);
  const figures = {
    open: stats.open,
    opened: stats.opened,
    refused: total(stats.refused),
    peer: stats.ended.peer,
    us: stats.ended.us,
    otherwise: total(stats.ended) - stats.ended.peer - stats.ended.us,
  };
  for (const way of ['received', 'sent']) {
    const { messages, bytes, uncompressed_bytes: from, compressed_bytes: to } = stats[way];
    figures[way] = messages;
    figures[`${way}-bytes`] = bytes;
    figures[`${way}-compressed`] = from ? `${(100 * to / from).toFixed(1)} %` : '–';
  }
  for (const [id, figure] of Object.entries(figures)) of(`server-${id}`).textContent = figure;
}

async function look() {
  if (panel.hidden || document.hidden) return;
  try {
    const response = await fetch('debug/vars');
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    show((await response.json()).websocket);
    of('server-fault').textContent = '';
  } catch (err) {
    of('server-fault').textContent = `The server does not tell: ${err.message}.`;
  }
}

setInterval(look, every);
addEventListener('hashchange', look);
look();
