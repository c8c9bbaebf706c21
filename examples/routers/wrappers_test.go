package main

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/felixge/httpsnoop"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// unwrapping shows what is inside, as http.ResponseController wants it.
type unwrapping struct{ http.ResponseWriter }

func (w unwrapping) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// hijacking has the method that was usual before there was Unwrap.
type hijacking struct{ http.ResponseWriter }

func (w hijacking) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// hiding shows nothing of what is inside.
type hiding struct{ http.ResponseWriter }

// snooping is what many middlewares for metrics and tracing use. It has the
// methods that w has.
func snooping(w http.ResponseWriter) http.ResponseWriter {
	return httpsnoop.Wrap(w, httpsnoop.Hooks{
		WriteHeader: func(next httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc { return next },
	})
}

func TestAnEchoBehindWrappers(t *testing.T) {
	for name, wrap := range map[string]func(http.ResponseWriter) http.ResponseWriter{
		"Unwrap":                  func(w http.ResponseWriter) http.ResponseWriter { return unwrapping{w} },
		"Hijack":                  func(w http.ResponseWriter) http.ResponseWriter { return hijacking{w} },
		"both, in turns":          func(w http.ResponseWriter) http.ResponseWriter { return unwrapping{hijacking{unwrapping{w}}} },
		"httpsnoop":               snooping,
		"httpsnoop around Unwrap": func(w http.ResponseWriter) http.ResponseWriter { return snooping(unwrapping{w}) },
		"Unwrap around httpsnoop": func(w http.ResponseWriter) http.ResponseWriter { return unwrapping{snooping(w)} },
	} {
		t.Run(name, func(t *testing.T) {
			wantEcho(t, start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { Echo(wrap(w), r, "den") })))
		})
	}
}

// Who hides the connection is told so: the client by a status, the handler by
// an error.
func TestWrappersThatHideTheConnectionAreRefused(t *testing.T) {
	for name, middleware := range map[string]func(http.Handler) http.Handler{
		"neither": func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(hiding{w}, r) })
		},
		"neither, inside Unwrap": func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(unwrapping{hiding{w}}, r) })
		},
		"http.TimeoutHandler": func(h http.Handler) http.Handler { return http.TimeoutHandler(h, time.Minute, "") },
	} {
		t.Run(name, func(t *testing.T) {
			refused := make(chan error, 1)
			url := start(t, middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, err := websocket.Accept(w, r, nil)
				refused <- err
			})))
			wantRefusal(t, url, nil, http.StatusInternalServerError, "")
			if err := <-refused; !errors.Is(err, ws.ErrNotHijacker) || !errors.Is(err, http.ErrNotSupported) {
				t.Errorf("%v, want one that says why", err)
			}
		})
	}
}
