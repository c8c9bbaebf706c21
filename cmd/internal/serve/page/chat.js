// The panel of /chat: a room, who is in it, and what they say.

import { wellFormed } from './payload.js';
import { Endpoint } from './endpoint.js';

const maxRows = 400;

const of = (id) => document.getElementById(id);
const endpoint = new Endpoint(document.querySelector('[data-panel=chat]'), of('chat-state'), of('chat-close'));

let own = ''; // the name that the server has given us
let members = new Set();

function row(event, text, name) {
  const talk = of('talk');
  const atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40;
  const item = document.createElement('li');
  item.dataset.event = event;
  if (name !== undefined) {
    const who = document.createElement('b');
    who.textContent = name;
    item.append(who);
    if (name === own) item.dataset.own = '';
  }
  item.append(text);
  const said = of('said');
  said.append(item);
  while (said.children.length > maxRows) said.firstChild.remove();
  // Whoever has scrolled up to read is left there.
  if (atEnd) talk.scrollTop = talk.scrollHeight;
}

function showMembers() {
  of('members').replaceChildren(...[...members].sort().map((name) => {
    const item = document.createElement('li');
    item.textContent = name === own ? `${name} (you)` : name;
    return item;
  }));
}

const happenings = {
  welcome({ room, name, members: all }) {
    own = name;
    members = new Set(all);
    row('info', `You are ${name} in ${room}.`);
    of('say-send').setAttribute('aria-disabled', 'false');
    of('say').focus();
  },
  join({ name }) {
    members.add(name);
    row('info', `${name} has come.`);
  },
  leave({ name }) {
    members.delete(name);
    row('info', `${name} has left.`);
  },
  message({ name, text }) {
    row('message', text, name);
  },
};

function receive(happening) {
  happenings[happening.event]?.(happening);
  showMembers();
}

function ended() {
  of('join').textContent = 'Join';
  of('say-send').setAttribute('aria-disabled', 'true');
  row('info', 'You have left.');
  members.clear();
  showMembers();
}

of('join-form').addEventListener('submit', (event) => {
  event.preventDefault();
  if (!endpoint.closed) return endpoint.close();
  of('join').textContent = 'Leave';
  const query = new URLSearchParams({ room: wellFormed(of('room').value), name: wellFormed(of('name').value) });
  return endpoint.connect(`chat?${query}`, receive, ended);
});

of('say-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = wellFormed(of('say').value);
  if (!endpoint.open || text === '') return;
  endpoint.send(text);
  of('say').value = '';
});
