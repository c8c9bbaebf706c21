// Package ends tells what to do about the ways in which a connection ends. It is
// what docs/cookbook/errors.md shows.
package ends

import (
	"errors"
	"log/slog"

	"github.com/wirews/wirews/websocket"
)

// Level returns how much the end of a client's connection is to be noticed. err is
// what Read, Serve or Messages has returned to the server.
func Level(err error) slog.Level {
	var end *websocket.ConnError
	switch {
	case err == nil:
		return slog.LevelDebug // Messages: all is said
	case !errors.As(err, &end):
		return slog.LevelError // no end of the connection: a context has ended, or this program is wrong
	case end.By == websocket.EndedByViolation:
		return slog.LevelWarn // a client that is broken, or means harm
	case end.By == websocket.EndedByTimeout:
		return slog.LevelInfo // it has vanished, or takes nothing
	case websocket.IsUnexpectedClose(err, websocket.StatusNormalClosure, websocket.StatusGoingAway, websocket.StatusNoStatusRcvd):
		return slog.LevelInfo // it has another reason, or its network was cut
	}
	return slog.LevelDebug
}
