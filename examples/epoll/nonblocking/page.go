//go:build linux

package main

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/wirews/wirews/httpx"
)

const page = `<!doctype html>
<meta charset="utf-8">
<title>Echo</title>
<form><input autofocus> <button>Send</button></form>
<pre></pre>
<script>
const socket = new WebSocket(location.href.replace(/^http/, "ws"));
const show = (text) => document.querySelector("pre").append(text + "\n");
socket.onopen = () => show("open");
socket.onmessage = (event) => show(event.data);
socket.onclose = (event) => show("closed with " + event.code);
document.querySelector("form").onsubmit = (event) => {
  event.preventDefault();
  socket.send(document.querySelector("input").value);
};
</script>
`

// appendPage appends the answer to a request that is not for WebSocket. The
// connection ends with it: no body of the request needs to be understood.
func appendPage(out, head []byte) []byte {
	method, _, _ := bytes.Cut(head, []byte(" "))
	status, field, body := http.StatusOK, "Content-Type: text/html; charset=utf-8\r\n", page
	if m := string(method); m != http.MethodGet && m != http.MethodHead {
		status, field, body = http.StatusMethodNotAllowed, "Allow: GET, HEAD\r\n", ""
	}
	out, _ = httpx.AppendStatusLine(out, status, httpx.StatusText(status))
	out = append(out, field...)
	out = append(out, "Connection: close\r\nContent-Length: "...)
	out = strconv.AppendInt(out, int64(len(body)), 10)
	out = httpx.AppendEnd(append(out, "\r\n"...))
	if string(method) == http.MethodHead {
		return out
	}
	return append(out, body...)
}
