package wshub_test

import (
	"fmt"

	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
)

// printer is a subscriber in the place of a connection.
type printer string

func (name printer) Deliver(m *wsflate.PreparedMessage, key string) error {
	fmt.Printf("%s: %s\n", name, m.Payload())
	return nil
}

// A client that was away goes on where it was, if what it has missed is still kept. Its
// position came with the last message that it had.
func ExampleMember_SubscribeFrom() {
	var last wshub.Position // of what anna had
	hub := wshub.Hub{
		Retain: func(topic string) wshub.Retention { return wshub.Retention{Messages: 3} },
		Encode: func(e wshub.Event) *wsflate.PreparedMessage {
			last = e.Position // an application sends it with the event
			return wshub.Text(fmt.Appendf(nil, "%v %q", e.Kind, e.Data)).Prepared
		},
	}
	say := func(text string) { hub.Publish("cats", wshub.Text([]byte(text))) }

	anna := hub.Join(printer("anna"), "")
	anna.Subscribe("cats")
	say("one")
	anna.Leave()
	was := last
	say("two")
	say("three")
	anna = hub.Join(printer("anna, again"), "")
	anna.SubscribeFrom("cats", wshub.Start{After: was})
	anna.Leave()
	say("four")
	say("five")
	anna = hub.Join(printer("anna, late"), "")
	anna.SubscribeFrom("cats", wshub.Start{After: was, Last: 1})
	// Output:
	// anna: subscribed ""
	// anna: message "one"
	// anna, again: subscribed ""
	// anna, again: message "two"
	// anna, again: message "three"
	// anna, late: gap ""
	// anna, late: message "five"
}

// Hubs on several machines share their topics by a bus; here they are in one process.
func ExampleBus() {
	broker := wshub.MemoryBroker{Retain: func(topic string) wshub.Retention { return wshub.Retention{Messages: 1} }}
	here := wshub.Hub{Bus: broker.Bus()}
	there := wshub.Hub{Bus: broker.Bus()}
	here.Publish("price", wshub.Text([]byte("42")))

	got := make(receiver, 2)
	there.Join(got, "").SubscribeFrom("price", wshub.Start{Last: 1})
	fmt.Println(<-got)
	here.Publish("price", wshub.Text([]byte("43")))
	fmt.Println(<-got)
	// Output:
	// 42
	// 43
}

// receiver is a subscriber with room for what it gets.
type receiver chan string

func (r receiver) Deliver(m *wsflate.PreparedMessage, key string) error {
	r <- string(m.Payload())
	return nil
}
