package main

import (
	"log/slog"
	"net"
	"net/http"

	"github.com/antlabs/greatws"
)

// greatwsEcho answers on the goroutine that greatws runs a connection's
// messages in.
type greatwsEcho struct{ greatws.DefCallback }

func (*greatwsEcho) OnMessage(c *greatws.Conn, op greatws.Opcode, p []byte) { c.WriteMessage(op, p) }

// runGreatws is what that library's README shows, without its timeouts, which
// no other server here has.
func runGreatws(addr string, ready func(net.Addr)) error {
	loops := greatws.NewMultiEventLoopMust(greatws.WithEventLoops(0), greatws.WithMaxEventNum(256), greatws.WithLogLevel(slog.LevelError))
	loops.Start()
	return overHTTP(func(w http.ResponseWriter, r *http.Request) {
		greatws.Upgrade(w, r, greatws.WithServerReplyPing(), greatws.WithServerIgnorePong(),
			greatws.WithServerCallback(new(greatwsEcho)), greatws.WithServerMultiEventLoop(loops))
	})(addr, ready)
}
