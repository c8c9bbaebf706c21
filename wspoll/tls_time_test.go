package wspoll_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/wspoll"
)

// The handshake of TLS is part of the time that a client has.
func TestAHandshakeHasItsTimeWithThatOfTLS(t *testing.T) {
	config, trusts := certificate(t)
	for _, shakes := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			var refused atomic.Int64
			s := &wspoll.Server{TLSConfig: config, HandshakeTimeout: time.Minute, OnRefused: func(_ net.Addr, err error) {
				if refused.Add(1); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("OnRefused is told %v", err)
				}
			}}
			l := serveIn(t, s)
			begun := time.Now()
			conn := connect(t, l)
			if shakes {
				time.Sleep(50 * time.Second)
				if err := tls.Client(conn, trusts).Handshake(); err != nil {
					t.Fatal(err)
				}
			}
			io.Copy(io.Discard, conn)
			if took := time.Since(begun); took != time.Minute {
				t.Errorf("TLS %v: it took %v, want a minute", shakes, took)
			}
			synctest.Wait()
			if n := s.Stats().Refused["timeout"]; n != 1 || refused.Load() != 1 {
				t.Errorf("TLS %v: %d are counted, and %d are told of; want 1", shakes, n, refused.Load())
			}
		})
	}
}

// Handshakes of TLS that are under way are bounded as others are.
func TestHandshakesOfTLSUnderWayAreBounded(t *testing.T) {
	config, _ := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		const most = 1000
		s := &wspoll.Server{TLSConfig: config, MaxConns: 1, HandshakeTimeout: time.Minute}
		l := serveIn(t, s)
		for range most {
			connect(t, l)
		}
		synctest.Wait()
		begun := time.Now()
		for range 3 {
			if _, err := connect(t, l).Read(make([]byte, 1)); err != io.EOF || time.Since(begun) != 0 {
				t.Errorf("after %v: %v, want the end at once", time.Since(begun), err)
			}
		}
		if n := s.Stats().Refused["limit"]; n != 3 {
			t.Errorf("%d are counted for the limit, want 3", n)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := s.Stats().Refused["timeout"]; n != most {
			t.Errorf("%d are counted for their time, want %d", n, most)
		}
	})
}
