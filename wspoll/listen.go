package wspoll

import (
	"context"
	"net"
)

// listen returns the listeners of ListenAndServe: one, or one for each loop.
func (s *Server) listen(ctx context.Context, network, addr string) (all []net.Listener, err error) {
	var config net.ListenConfig
	n := 1
	if s.ReusePort && canReusePort {
		config.Control = reusePort
		n = len(s.loops)
	}
	for range n {
		l, err := config.Listen(ctx, network, addr)
		if err != nil {
			for _, l := range all {
				l.Close()
			}
			return nil, err
		}
		addr = l.Addr().String() // the same port for all
		all = append(all, l)
	}
	return all, nil
}
