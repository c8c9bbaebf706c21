package redisbus_test

import (
	"context"
	"fmt"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wshub/redisbus"
)

// Two nodes by a Redis. This needs one, and so is compiled only.
func ExampleOpen() {
	ctx := context.Background()
	here, err := redisbus.Open(ctx, "redis://localhost:6379", redisbus.Options{})
	if err != nil {
		panic(err)
	}
	defer here.Close()
	there, err := redisbus.Open(ctx, "redis://localhost:6379", redisbus.Options{})
	if err != nil {
		panic(err)
	}
	defer there.Close()

	said := make(chan string)
	there.Subscribe(ctx, "cats", func(e wshub.BusEvent) { said <- string(e.Data) })
	here.Publish(ctx, "cats", wshub.Record{Op: ws.OpText, Data: []byte("miaow")})
	fmt.Println(<-said)
}
