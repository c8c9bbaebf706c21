// The trial of 1,000 connections, in the panel of the server. A process of its own opens them: a browser opens 255.

const of = (id) => document.getElementById(id);

function show({ idle, echo }) {
  if (!idle.server || !echo.server) throw new Error('on this system a process does not tell what it uses.');
  const kib = (bytes = 0) => `${(bytes / 1024).toFixed(1)} KiB`;
  const figures = {
    'trial-memory': kib(idle.server.resident_bytes_per_connection),
    'trial-memory-used': kib(idle.server.resident_bytes_per_connection_after_message),
    'trial-cpu': (echo.server.cpu_ns_per_message / 1000).toFixed(1),
    'trial-share': `${(100 * echo.server.cpus / echo.setup.connections).toFixed(3)} %`,
    'trial-rate': echo.messages_per_second.toFixed(0),
    'trial-p99': (echo.latency_ns.p99 / 1e6).toFixed(1),
  };
  for (const [id, figure] of Object.entries(figures)) of(id).textContent = figure;
}

let running = false;

function say(words, now) {
  running = now;
  of('trial-state').textContent = words;
  of('trial').setAttribute('aria-disabled', now);
}

async function run() {
  if (running) return;
  say('Running: about four seconds …', true);
  try {
    const response = await fetch('trials/connections', { method: 'POST' });
    if (!response.ok) throw new Error((await response.text()).trim());
    show(await response.json());
    say('Measured. Memory and CPU are those of the server’s process; it shared the machine with the one that opened the connections.', false);
  } catch (err) {
    say(`It failed: ${err.message}`, false);
  }
}

of('trial').addEventListener('click', run);
