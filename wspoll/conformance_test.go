package wspoll_test

import (
	"context"
	"testing"

	"github.com/wirews/wirews/autobahn"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// The cases of the Autobahn test suite but the long ones, and some more, with and without
// workers. All times are long, so that only what is wrong takes them.
func TestConformance(t *testing.T) {
	all := []string{"1.*", "2.*", "3.*", "4.*", "5.*", "6.1.*", "6.2.*", "6.3.*", "7.*", "10.*", "12.1.1", "13.1.1", "20.*"}
	var slow []string
	if testing.Short() {
		slow = []string{"5.19", "5.20"} // which pause as often as Patience says
	}
	cases, err := autobahn.Select(autobahn.Cases(), all, slow)
	if err != nil {
		t.Fatal(err)
	}
	onEach(t, func(t *testing.T, poller string) {
		ways := map[string]int{"on loops": 0, "on workers": 4}
		if testing.Short() {
			delete(ways, "on workers")
		}
		for name, workers := range ways {
			t.Run(name, func(t *testing.T) {
				addr := serve(t, &wspoll.Server{
					OnMessage:   echo,
					Workers:     workers,
					Limits:      wsproto.Limits{Message: 32 << 20},
					Compression: new(wspoll.Compression),
				}, poller)
				client := autobahn.Client{URL: "ws://" + addr + "/", Agent: "wspoll", Cases: cases, Patience: 20}
				results, err := client.Run(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range results {
					if !r.Passed() {
						t.Errorf("%s: %s, %s: %s", r.Case, r.Behavior, r.BehaviorClose, r.Why)
					}
				}
			})
		}
	})
}
