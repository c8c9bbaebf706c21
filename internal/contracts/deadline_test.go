package contracts

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// timeless yields what a test wants, and then waits until it is closed. It
// takes no deadline.
func timeless(in []byte) *wstest.Faulty {
	f := &wstest.Faulty{In: in, Stop: len(in), Deadline: os.ErrNoDeadline}
	f.OnRead = f.Wait
	return f
}

// deaf is timeless, and takes nothing either after so many Writes.
func deaf(in []byte, take int) *wstest.Faulty {
	f := timeless(in)
	f.Take, f.OnWrite = take, f.Wait
	return f
}

const bound = time.Second

// bounded is a call that something bounds: ctx, or an option of a second.
type bounded struct {
	name string
	call func(ctx context.Context) error
	want error // nil: any
}

func testBounded(t *testing.T, rows []bounded) {
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(background, bound)
				defer cancel()
				start := time.Now()
				err := row.call(ctx)
				if err == nil || row.want != nil && !errors.Is(err, row.want) {
					t.Errorf("got %v, want %v", err, row.want)
				}
				if took := time.Since(start); took > 30*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// What has a bound keeps it, although the connection takes no deadline: by
// closing it, or by saying at once that it cannot.
func TestConnectionsThatTakeNoDeadline(t *testing.T) {
	testBounded(t, []bounded{
		{"Upgrader", func(context.Context) error {
			_, err := ws.Upgrader{Timeout: bound}.Upgrade(timeless(nil))
			return err
		}, os.ErrNoDeadline},
		{"DebugUpgrader", func(context.Context) error {
			d := wsutil.DebugUpgrader{Upgrader: ws.Upgrader{Timeout: bound}}
			_, err := d.Upgrade(timeless(nil))
			return err
		}, os.ErrNoDeadline},
		{"HTTPUpgrader", func(context.Context) error {
			w, r := overHTTP(deaf(nil, 0))
			_, _, _, err := ws.HTTPUpgrader{Timeout: bound}.Upgrade(r, w)
			return err
		}, os.ErrNoDeadline},
		{"Dialer", func(ctx context.Context) error {
			_, _, _, err := dialer(timeless(nil)).Dial(ctx, target.String())
			return err
		}, context.DeadlineExceeded},
		{"Dialer that cannot write", func(ctx context.Context) error {
			_, _, _, err := dialer(deaf(nil, 0)).Dial(ctx, target.String())
			return err
		}, context.DeadlineExceeded},
		{"Dialer.Timeout", func(context.Context) error {
			d := dialer(timeless(nil))
			d.Timeout = bound
			_, _, _, err := d.Dial(background, target.String())
			return err
		}, context.DeadlineExceeded},
		{"Dialer with a refusal that does not end", func(ctx context.Context) error {
			_, _, _, err := dialer(timeless(refusal[:len(refusal)-1])).Dial(ctx, target.String())
			return err
		}, ws.ErrHandshakeBadStatus},
		{"DebugDialer", func(ctx context.Context) error {
			d := wsutil.DebugDialer{Dialer: dialer(timeless(nil))}
			_, _, _, err := d.Dial(ctx, target.String())
			return err
		}, context.DeadlineExceeded},
		{"ReadAppendContext", func(ctx context.Context) error {
			_, _, err := wsutil.ReadAppendContext(ctx, nil, timeless(fromClient[:3]), server)
			return err
		}, context.DeadlineExceeded},
		{"ReadAppendContext that cannot answer", func(ctx context.Context) error {
			_, _, err := wsutil.ReadAppendContext(ctx, nil, deaf(fromClient, 0), server)
			return err
		}, context.DeadlineExceeded},
		{"ReadDataContext", func(ctx context.Context) error {
			_, _, err := wsutil.ReadDataContext(ctx, timeless(nil), client)
			return err
		}, context.DeadlineExceeded},
		{"WriteMessageContext", func(ctx context.Context) error {
			return wsutil.WriteMessageContext(ctx, deaf(nil, 0), server, ws.OpText, []byte("Hello"))
		}, context.DeadlineExceeded},
	})
}
