package h2_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// The deadlines of the HTTP server were for the request.
func TestAWebSocketOutlivesTheTimeoutsOfItsServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveAs(t, &http.Server{Handler: accept(t, echo), ReadTimeout: time.Second, ReadHeaderTimeout: time.Second, WriteTimeout: time.Second, IdleTimeout: time.Second})
		c := s.dial(t, nil)
		for range 3 {
			time.Sleep(2 * time.Second)
			exchange(t, c, "still there")
		}
	})
}
