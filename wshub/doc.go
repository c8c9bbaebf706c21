// Package wshub has topics: what is published to one goes to everybody who has
// subscribed to it.
//
// A [Hub] has members, which a program makes of its connections by [Hub.Join].
// They subscribe to topics, and [Hub.Publish] sends a message to all members of
// one. Members may share a name, as the connections of one user do, and
// [Hub.SendTo] sends a message to all with a name.
//
// A message is encoded once, and compressed once for all connections that have
// agreed on the same compression without context takeover.
//
// # History
//
// Hub.Retain says what is kept of a topic. A member subscribes by
// [Member.SubscribeFrom] to the latest messages, or to everything since the [Position]
// that its client had last, as after a connection was lost. It gets all of that, or is
// told of a gap. Positions, gaps and answers reach clients in the application's own
// protocol: Hub.Encode makes the messages that say them.
//
// # Several machines
//
// A [Bus] carries topics between hubs. It gives order and positions, so that a client
// can go on at another machine, and tells of gaps after a failure. A hub asks it for
// each topic that has members here, once, and does the fan-out itself. Buses that talk
// to brokers are modules of their own; [MemoryBroker] has one for tests, and package
// bustest tests them all.
//
// # Slow members
//
// Publishing never waits for a member: what a member has not taken waits in its
// own queue, and what happens when that is full is the member's policy. For a
// websocket.Conn that is its Queue, which has to be set in AcceptOptions; it drops
// the oldest messages, or the newest, keeps the latest of each key, or ends the
// connection.
//
// Where messages have positions, because there is a Retain, an Encode or a Bus, a member
// that refuses a message is left alone for 200 ms, and then gets what it has missed from
// what is kept, or a gap. A queue refuses by QueueDropNewest, and by QueueBlock: then
// nothing is lost unless it is no longer kept. What QueueDropOldest drops after it was
// taken, the client sees by Event.Prev of the next message.
//
// # Order
//
// All members of a topic get its messages in the same order, and so those of one
// publisher in the order in which it has published them. Between topics there is no
// order. A member gets what is published from when Subscribe has returned, or with a
// bus from its answer, until Unsubscribe is called; what has been published before that
// may still arrive after it.
//
// # Concurrency
//
// All methods may be called by any goroutine, also by a [Subscriber] from within
// Deliver: no lock is held then. What is published from there to the same topic is
// delivered after the present message. If 256 messages wait for one goroutine to
// deliver them, [Hub.Publish] waits until there are fewer. It does not wait for what
// cannot happen: while the delivery of one message does not get on for 10 ms, as when
// Deliver itself publishes that many, nobody waits until that message is delivered.
package wshub
