package wshub_test

import (
	"fmt"

	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
)

// radio is a subscriber that is no connection.
type radio string

func (p radio) Deliver(m *wsflate.PreparedMessage, _ string) error {
	fmt.Printf("%s gets a message\n", p)
	return nil
}

// What is published to a topic goes to all who have subscribed to it, and to nobody
// else. Instead of a websocket.Conn a program can have any Subscriber.
func Example() {
	var hub wshub.Hub
	anna := hub.Join(radio("anna"), "anna")
	bert := hub.Join(radio("bert"), "bert")
	anna.Subscribe("news")
	bert.Subscribe("news")
	bert.Subscribe("sports")

	fmt.Println(hub.Publish("sports", wshub.Text([]byte("1:0"))))
	anna.Leave()
	fmt.Println(hub.Publish("news", wshub.Text([]byte("rain"))), hub.Subscribers("news"))
	// Output:
	// bert gets a message
	// 1
	// bert gets a message
	// 1 1
}
