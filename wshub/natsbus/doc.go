// Package natsbus has two buses for wshub by NATS: [Core], which forgets, and
// [JetStream], which keeps what is published, and gives it an order and positions.
//
//	bus, err := natsbus.OpenJetStream(ctx, "nats://10.0.0.1:4222", natsbus.Options{}, natsbus.Keep{})
//
// # What they give
//
//	                           Core                       JetStream
//	order of a topic           of each publisher          one, for all nodes
//	positions, history         none: always a gap         yes
//	a record, once Publish     at most once               kept by the servers that have to
//	has returned                                          acknowledge it (Keep.Replicas)
//	a connection breaks        a gap                      resumed; a gap if what was missed
//	                                                      has been dropped meanwhile
//	a node is slower than      a gap                      it is late
//	what is published
//	routes between servers     a gap                      resumed; no Publish where most
//	break                                                 replicas cannot be reached
//	a publisher dies           a gap, after 4 s           nothing: what has been
//	                                                      acknowledged is there
//	the stream is lost         -                          a gap, and a new epoch
//
// JetStream with one replica writes to the disk without waiting for it: after a power
// failure the last records may be missing, and their positions be given again. Three
// replicas do not have that weakness as long as two of them do not fail at once.
//
// # How they do it
//
// A bus has one connection. Topics are spread over a few shards, each of which is a
// subject, in JetStream a stream, with one consumer and one goroutine a node, which
// calls the sinks. Every node receives what is published to any topic: NATS carries
// each message once to each node, however many members the topic has there.
//
// A publisher of Core counts what it sends to a shard, and says every second how far it
// has come. So its receivers notice what is missing, wherever it has been lost, before
// they deliver what comes after it.
//
// # Concurrency
//
// All methods may be called by any goroutine.
package natsbus
