// The panel of conformance: the server runs "wirews conform" against a URL, and its report is shown.

const of = (id) => document.getElementById(id);

let running = false;

function say(words, now) {
  running = now;
  of('conform-state').textContent = words;
  of('conform-run').setAttribute('aria-disabled', now);
}

async function run(event) {
  event.preventDefault();
  if (running) return;
  say('Running: up to a minute …', true);
  of('conform-report').hidden = true;
  try {
    const query = new URLSearchParams({ url: of('conform-url').value.trim() });
    const response = await fetch(`trials/conform?${query}`, { method: 'POST' });
    if (!response.ok) throw new Error((await response.text()).trim());
    const { ok, verdict } = await response.json();
    say(`${ok ? 'It conforms' : 'It does not conform, or was not tested to the end'}. ${verdict}`, false);
    of('conform-report').hidden = false;
    of('conform-report').src = 'trials/report';
  } catch (err) {
    say(`It failed: ${err.message}`, false);
  }
}

of('conform-form').addEventListener('submit', run);
of('conform-url').value = new URL('echo', location.href.replace(/^http/, 'ws')).href.replace(/#.*/, '');
