// The panel with code to copy: what the echo's panel does, in Go, in JavaScript and with curl.

const of = (id) => document.getElementById(id);

const inGo = (url) => `package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/wirews/wirews/websocket"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, ${JSON.stringify(url.href)}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.CloseNow()
	if err := conn.Write(ctx, websocket.MessageText, []byte("Hello")); err != nil {
		log.Fatal(err)
	}
	_, message, err := conn.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\\n", message)
	conn.Close(websocket.StatusNormalClosure, "")
}
`;

const inJavaScript = (url) => `const socket = new WebSocket(${JSON.stringify(url.href)});
socket.onopen = () => socket.send('Hello');
socket.onmessage = ({ data }) => {
  console.log(data);
  socket.close(1000);
};
socket.onclose = ({ code, reason }) => console.log('closed', code, reason);
`;

// The handshake alone, which every curl can do: the key is that of RFC 6455, 1.3, and 101 is the answer wanted.
function inCurl(url) {
  const web = url.href.replace(/^ws/, 'http').replaceAll("'", "%27");
  return `curl --include --no-buffer --http1.1 --max-time 2 \\
  --header 'Connection: Upgrade' \\
  --header 'Upgrade: websocket' \\
  --header 'Sec-WebSocket-Version: 13' \\
  --header 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \\
  '${web}'
`;
}

// The URL is that of the echo's field, or of this server's echo while there is none in it.
function show() {
  const echo = new URL('echo', location.href.replace(/^http/, 'ws'));
  const typed = of('url').value.trim();
  const url = URL.canParse(typed) ? new URL(typed) : echo;
  url.hash = '';
  of('code-url').textContent = url.href;
  of('code-go').textContent = inGo(url);
  of('code-js').textContent = inJavaScript(url);
  of('code-curl').textContent = inCurl(url);
}

for (const button of document.querySelectorAll('[data-copies]')) {
  button.addEventListener('click', async () => {
    const code = of(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(code.textContent);
      of('code-copied').textContent = 'Copied.';
    } catch {
      // Without https, a page of another host than localhost has no clipboard.
      getSelection().selectAllChildren(code);
      of('code-copied').textContent = 'The browser lets this page copy nothing. The code is selected: press Ctrl C.';
    }
  });
}
addEventListener('hashchange', show);
show();
