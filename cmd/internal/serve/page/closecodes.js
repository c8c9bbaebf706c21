// Close codes: the names of IANA's registry, and what a person can do about each.

const names = new Map([
  [1000, 'Normal Closure'],
  [1001, 'Going Away'],
  [1002, 'Protocol error'],
  [1003, 'Unsupported Data'],
  [1004, 'Reserved'],
  [1005, 'No Status Rcvd'],
  [1006, 'Abnormal Closure'],
  [1007, 'Invalid frame payload data'],
  [1008, 'Policy Violation'],
  [1009, 'Message Too Big'],
  [1010, 'Mandatory Ext.'],
  [1011, 'Internal Error'],
  [1012, 'Service Restart'],
  [1013, 'Try Again Later'],
  [1014, 'Bad gateway'], // the registry has a sentence here instead of a name
  [1015, 'TLS handshake'],
  [3000, 'Unauthorized'],
  [3003, 'Forbidden'],
  [3008, 'Timeout'],
]);

const advice = new Map([
  [1001, 'The server is shutting down or restarting. Connect again when it is back.'],
  [1002, 'One side saw a frame that RFC 6455 forbids. The server’s log says which.'],
  [1003, 'The server does not take this kind of message: try text instead of binary, or the reverse.'],
  [1005, 'The close frame carried no code.'],
  [1006, 'The connection was lost without a closing handshake. Was the server stopped by force, '
    + 'the network cut, or an idle connection dropped by a proxy?'],
  [1007, 'A text message was not valid UTF-8, or compressed data could not be inflated.'],
  [1008, 'The server refused for a reason of its own. Its log or the close reason says more.'],
  [1009, 'The message was larger than the server’s limit. Send a smaller one, or raise the limit.'],
  [1010, 'The browser wanted an extension that the server did not accept.'],
  [1011, 'The server met an unexpected condition. Its log says more.'],
  [1012, 'The server restarts. Connect again in a moment.'],
  [1013, 'The server has too much to do. Connect again later.'],
]);

export function closeName(code) {
  if (names.has(code)) return names.get(code);
  return code >= 4000 && code <= 4999 ? 'Private Use' : 'Unassigned';
}

// explainClose gives '' where the code's name says all there is to say.
export function explainClose(code) {
  return advice.get(code) ?? '';
}

// explainRefusal lists what to look at when no connection came about. A browser tells a page nothing
// about why, so that pages cannot probe networks: every cause looks like 1006.
export function explainRefusal(url, offered, page) {
  const look = [`Is a server listening on ${url.host}, and is ${url.pathname} the right path?`];
  if (url.host !== page.host) {
    look.push(`This page’s origin is ${page.origin}: a server that checks origins refuses a page from another host.`);
  }
  if (url.protocol === 'wss:') look.push('Does the browser trust the server’s certificate?');
  if (offered.length) {
    look.push(`Does the server know a subprotocol offered (${offered.join(', ')})? If it selects none, the browser gives up.`);
  }
  look.push('The HTTP status is in the network panel of the developer tools.');
  return `No connection came about. The browser hides the cause; look at these. ${look.join(' ')}`;
}
