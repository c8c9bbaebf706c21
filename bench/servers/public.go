package main

// publicServers are those that the public benchmarks are run on: the limit, one of
// ours for each way to write a server, and all peers.
var publicServers = append([]string{"limit-epoll", "wsproto-epoll", "wspoll", "wsutil-stream", "websocket-serve", "websocket-pull"}, peerNames()...)

func peerNames() (names []string) {
	for _, p := range peers {
		names = append(names, p.name)
	}
	return names
}

// publicCells are the loads that public benchmarks put on servers, by their names.
// The numbers are connections, messages under way on each, and bytes.
var publicCells = []cell{
	public("httparena-echo-ws-512", "the echo-ws of HttpArena", 512, 1, 5, "--kind", "ascii"),
	public("httparena-echo-ws-4096", "the echo-ws of HttpArena", 4096, 1, 5, "--kind", "ascii"),
	public("httparena-echo-ws-pipeline-512", "the echo-ws-pipeline of HttpArena", 512, 16, 5, "--kind", "ascii"),
	public("httparena-echo-ws-pipeline-4096", "the echo-ws-pipeline of HttpArena", 4096, 16, 5, "--kind", "ascii"),
	public("lesismal-echo-10k", "the BenchEcho of lesismal/go-websocket-benchmark", 10_000, 1, 1024),
	public("lesismal-rate-10k", "the BenchRate of lesismal/go-websocket-benchmark", 10_000, 0, 1024, "--rate", "30000").with("lesismal-rate-10k",
		"the BenchRate of lesismal/go-websocket-benchmark: 10,000 connections, 1024 bytes, 30,000 messages a second", func(*cell) {}),
	public("fastwebsockets-100-20", "the load_test of fastwebsockets", 100, 1, 20),
	public("fastwebsockets-10-1024", "the load_test of fastwebsockets", 10, 1, 1024),
	public("fastwebsockets-10-16384", "the load_test of fastwebsockets", 10, 1, 16384),
	public("fastwebsockets-200-16384", "the load_test of fastwebsockets", 200, 1, 16384),
	public("fastwebsockets-500-16384", "the load_test of fastwebsockets", 500, 1, 16384),
	idle("uwebsockets-scale-10k", 10_000, 20, "the scale_test of uWebSockets: 10,000 connections, which are held after a message of 20 bytes each"),
}

func public(name, of string, connections, inFlight, size int, args ...string) cell {
	c := messages(name, connections, inFlight, size, args...)
	c.about = of + ": " + c.about
	return c
}

// appendPublic appends that part of the page.
func appendPublic(b []byte, r *results) []byte {
	b = append(b, "## Public benchmarks\n"...)
	for _, text := range []string{
		`The loads of benchmarks that are published under these names, put on the servers above by ` + "`wirews bench`" + `: their numbers ` +
			`of connections, of messages under way and of bytes, with the method of this page instead of theirs. So the figures here compare with ` +
			`each other, and not with those that are published elsewhere. The best of each table is at its top.`,
		`HttpArena has a cell of 16,384 connections too, which is left out here: with what else a process has open that is near the ` +
			`limit of 20,000 descriptors of the machine. The cells of 10,000 connections are within it. BenchRate sends at a fixed rate; here ` +
			`that is one that every server can take, so what differs is the CPU time and how long users wait. uWebSockets' scale_test pings each ` +
			`connection every 16 seconds besides, and goes on to a million of them; its broadcast_test has ` +
			`[a part of its own](#uwebsockets-broadcast).`,
	} {
		b = appendText(b, "%s", text)
	}
	b = append(b, '\n')
	b = appendMachine(b, r)
	for _, c := range publicCells {
		b = appendCell(b, r, c, "###")
	}
	return appendVersions(b, r)
}
