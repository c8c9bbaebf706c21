// A connection of a panel to an endpoint of this server.

import { closeName, explainClose } from './closecodes.js';

export class Endpoint {
  #socket = null;
  #panel;
  #say;
  #closeInfo;

  // panel is the panel's element; state and closeInfo are those that its state, and how it was closed, are written into.
  constructor(panel, state, closeInfo) {
    this.#panel = panel;
    this.#say = (words) => {
      panel.dataset.state = words;
      state.textContent = words;
    };
    this.#closeInfo = closeInfo;
    this.#say('closed');
  }

  get closed() {
    return this.#socket === null;
  }

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  // connect opens a path. receive is given each message, parsed as JSON unless it is to be text; begin is called once
  // the connection is open, and ended, with the close code and whether it ever was open, once it has ended.
  connect(path, receive, ended, { text = false, begin = () => {} } = {}) {
    const url = new URL(path, location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    this.#closeInfo.textContent = '';
    this.#say('connecting');
    this.#socket = new WebSocket(url);
    let opened = false;
    this.#socket.addEventListener('open', () => {
      opened = true;
      this.#say('open');
      begin();
    });
    this.#socket.addEventListener('message', (event) => receive(text ? event.data : JSON.parse(event.data)));
    this.#socket.addEventListener('close', ({ code, reason }) => {
      this.#socket = null;
      this.#say('closed');
      if (!opened) this.#closeInfo.textContent = 'The handshake failed: the server’s log says why.';
      else if (code !== 1000) this.#closeInfo.textContent = `${code} ${closeName(code)}${reason ? ` “${reason}”` : ''}. ${explainClose(code)}`;
      ended({ code, opened });
    });
  }

  // waits says that the page connects again in about so many ms, and what else there is to say.
  waits(ms, more = '') {
    this.#say('waiting');
    this.#closeInfo.textContent += ` The page tries again in about ${ms / 1000} s.${more}`;
  }

  send(text) {
    this.#socket.send(text);
  }

  // close closes the connection, or says that there will be none.
  close() {
    if (this.closed) {
      this.#closeInfo.textContent = '';
      return this.#say('closed');
    }
    this.#say('closing');
    return this.#socket.close(1000);
  }
}
