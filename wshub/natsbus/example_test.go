package natsbus_test

import (
	"context"
	"fmt"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wshub/natsbus"
)

// Two nodes by a NATS server, which here is part of the program.
func ExampleOpenCore() {
	s, err := server.NewServer(&server.Options{Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		panic(err)
	}
	s.Start()
	defer s.Shutdown()

	ctx := context.Background()
	here, err := natsbus.OpenCore(ctx, s.ClientURL(), natsbus.Options{})
	if err != nil {
		panic(err)
	}
	defer here.Close()
	there, err := natsbus.OpenCore(ctx, s.ClientURL(), natsbus.Options{})
	if err != nil {
		panic(err)
	}
	defer there.Close()

	said := make(chan string)
	there.Subscribe(ctx, "cats", func(e wshub.BusEvent) { said <- string(e.Data) })
	here.Publish(ctx, "cats", wshub.Record{Op: ws.OpText, Data: []byte("miaow")})
	fmt.Println(<-said)
	// Output: miaow
}
