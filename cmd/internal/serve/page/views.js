// The views: one of the panels at a time, named by the part of the URL behind #.

const panels = [...document.querySelectorAll('[data-panel]')];

function show() {
  const wanted = location.hash.slice(1);
  const shown = panels.some((panel) => panel.dataset.panel === wanted) ? wanted : 'echo';
  document.documentElement.dataset.view = shown;
  document.title = `wirews ${shown}`;
  for (const panel of panels) panel.hidden = panel.dataset.panel !== shown;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#${shown}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

addEventListener('hashchange', show);
show();
