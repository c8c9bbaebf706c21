package wsprom_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wsprom"
)

// An echo server with metrics.
func ExampleNewCollector() {
	var counters websocket.Counters
	registry := prometheus.NewRegistry()
	registry.MustRegister(wsprom.NewCollector(&counters))
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Counters: &counters})
		if err != nil {
			return // the client has been told, and it is counted
		}
		c.Serve(r.Context(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
			return c.Write(ctx, typ, p)
		})
	})
	s := httptest.NewServer(mux)
	defer s.Close()

	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL+"/echo", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	c.Write(ctx, websocket.MessageText, []byte("hello"))
	c.Read(ctx)
	c.Close(websocket.StatusNormalClosure, "")

	resp, err := http.Get(s.URL + "/metrics")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	page, _ := io.ReadAll(resp.Body)
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "wirews_message") && strings.Contains(line, "direction") {
			fmt.Print(line)
		}
	}
	// Output:
	// wirews_message_bytes_total{direction="received"} 5
	// wirews_message_bytes_total{direction="sent"} 5
	// wirews_messages_total{direction="received"} 1
	// wirews_messages_total{direction="sent"} 1
}
