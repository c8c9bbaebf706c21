package wspoll

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// slowAdopt is a poller that adopts nothing before it may.
type slowAdopt struct {
	poller
	asked, goOn chan bool
	err         error // what it says then, if it is not nil
}

func (p *slowAdopt) adopt(conn net.Conn) (handle, error) {
	p.asked <- true
	if <-p.goOn; p.err != nil {
		return released, p.err
	}
	return p.poller.adopt(conn)
}

// A Take that Shutdown overtakes fails: nothing is served that nobody ends, on the loops
// or on that of guests, and nothing stays charged.
func TestATakeThatShutdownOvertakesFails(t *testing.T) {
	for name, says := range map[string]error{"a loop": nil, "the loop of guests": errNoDescriptor} {
		t.Run(name, func(t *testing.T) {
			p := &slowAdopt{newGoroutines(), make(chan bool), make(chan bool), says}
			budget := wsflate.NewBudget(1 << 20)
			s := &Server{Loops: 1, Compression: &Compression{Options: wsflate.Options{Budget: budget}}}
			if err := s.startWith(func() (poller, error) { return p, nil }); err != nil {
				t.Fatal(err)
			}
			ours, theirs := net.Pipe()
			defer theirs.Close()
			taken := make(chan error, 1)
			go func() {
				_, err := s.Take(ours, Upgraded{Handshake: ws.Handshake{Extensions: []httphead.Option{wsflate.Parameters{}.Option()}}})
				taken <- err
			}()
			<-p.asked
			if _, err := s.Shutdown(context.Background()); err != nil {
				t.Error(err)
			}
			close(p.goOn)
			if err := <-taken; !errors.Is(err, ErrServerClosed) {
				t.Errorf("Take: %v, want ErrServerClosed", err)
			}
			if conns, bytes, admitted := s.Conns(), budget.Used(), s.admitted.Load(); conns != 0 || bytes != 0 || admitted != 0 {
				t.Errorf("%d connections, %d bytes and %d of MaxConns are left", conns, bytes, admitted)
			}
		})
	}
}
