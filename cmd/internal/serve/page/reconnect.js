// Reconnecting: whether a connection that has ended is opened again, and after which wait.

const shortest = 1000; // ms
const longest = 30000;

// What these say passes: the server went away, was lost, restarts, or has too much to do.
const passing = new Set([1001, 1006, 1012, 1013]);

export class Reconnect {
  #connect;
  #tries = 0;
  #timer = undefined;

  // connect opens the connection again.
  constructor(connect) {
    this.#connect = connect;
  }

  // after returns the wait in ms until the next try, which it has scheduled, or undefined if there is none.
  // A first connection that did not come about is not tried again: its URL is more likely wrong than its server away.
  after({ code, opened, asked }) {
    if (opened) this.#tries = 0;
    else if (this.#tries === 0) return undefined;
    if (asked || !passing.has(code)) return this.stop();
    const wait = Math.min(shortest * 2 ** this.#tries, longest);
    this.#tries++;
    // Up to half as long again, so that not all pages come back at once.
    this.#timer = setTimeout(this.#connect, wait * (1 + Math.random() / 2));
    return wait;
  }

  // stop gives up what after has scheduled.
  stop() {
    clearTimeout(this.#timer);
    this.#tries = 0;
  }
}
