package interop_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// windows are what can be said of one: nothing, or its bits.
var windows = []wsflate.WindowBits{0, 8, 9, 10, 11, 12, 13, 14, 15}

// parameters returns all combinations, with what can be said of the client's
// window.
func parameters(client []wsflate.WindowBits) (all []wsflate.Parameters) {
	for i := range 4 {
		for _, s := range windows {
			for _, c := range client {
				all = append(all, wsflate.Parameters{
					ServerNoContextTakeover: i&1 > 0, ClientNoContextTakeover: i&2 > 0,
					ServerMaxWindowBits: s, ClientMaxWindowBits: c,
				})
			}
		}
	}
	return all
}

// named is Parameters as the scripts have them: their names are the RFC's.
type named struct {
	ServerNoContextTakeover bool               `json:"server_no_context_takeover"`
	ClientNoContextTakeover bool               `json:"client_no_context_takeover"`
	ServerMaxWindowBits     wsflate.WindowBits `json:"server_max_window_bits"`
	ClientMaxWindowBits     wsflate.WindowBits `json:"client_max_window_bits"`
}

// deflateCase is a connection: what its client offers, what its server wishes
// for itself, and how our end compresses: by package wsflate at a level, or by
// package websocket in a mode.
type deflateCase struct {
	offer, own wsflate.Parameters
	level      int
	mode       websocket.CompressionMode
}

func (c deflateCase) String() string {
	offer, own := named(c.offer), named(c.own)
	return fmt.Sprintf("offer %+v, server %+v, level %d, mode %d", offer, own, c.level, c.mode)
}

// deflateCases returns every offer to a server without wishes, and every wish
// with one offer or another.
func deflateCases(offers []wsflate.Parameters) (all []deflateCase) {
	levels := []int{wsflate.HuffmanOnly, wsflate.Fastest, wsflate.Balanced, wsflate.Smallest}
	dice := rand.New(rand.NewChaCha8([32]byte{}))
	for _, i := range dice.Perm(len(offers)) {
		all = append(all, deflateCase{offer: offers[i], level: levels[len(all)%len(levels)]})
	}
	for _, own := range parameters(windows) {
		all = append(all, deflateCase{offer: offers[dice.IntN(len(offers))], own: own, level: levels[len(all)%len(levels)]})
	}
	return all
}

// agreement is what offer and wish come to, if they do (RFC 7692, 7.1).
func (c deflateCase) agreement() wsflate.Parameters {
	bits := func(b wsflate.WindowBits) wsflate.WindowBits {
		if b <= wsflate.WindowBitsNoValue {
			return 15
		}
		return b
	}
	p := wsflate.Parameters{
		ServerNoContextTakeover: c.offer.ServerNoContextTakeover || c.own.ServerNoContextTakeover,
		ClientNoContextTakeover: c.offer.ClientNoContextTakeover || c.own.ClientNoContextTakeover,
		ServerMaxWindowBits:     min(bits(c.offer.ServerMaxWindowBits), bits(c.own.ServerMaxWindowBits)),
		ClientMaxWindowBits:     15,
	}
	if c.offer.ClientMaxWindowBits.Defined() {
		p.ClientMaxWindowBits = min(bits(c.offer.ClientMaxWindowBits), bits(c.own.ClientMaxWindowBits))
	}
	return p
}

// declined reports whether our server must not compress: it needs a window
// that the client cannot be told.
func (c deflateCase) declined() bool {
	bits := c.own.ClientMaxWindowBits
	return bits.Defined() && bits < 15 && !c.offer.ClientMaxWindowBits.Defined()
}

type deflateMessage struct {
	Op      ws.OpCode `json:"op"`
	Payload []byte    `json:"payload"`
}

// deflateMessages are sent over each connection, in this order. They are longer
// than any window, and refer to each other from just inside and just outside of
// each.
func deflateMessages() []deflateMessage {
	dice := rand.New(rand.NewChaCha8([32]byte{}))
	words := strings.Fields("the window slides over what was said before and 世界 answers with 👋 or a longer word than that")
	var b bytes.Buffer
	for b.Len() < 8<<10 {
		fmt.Fprintf(&b, "%s %d, ", words[dice.IntN(len(words))], dice.IntN(1000))
	}
	prose := b.Bytes()

	noise := random(40 << 10)
	history := slices.Concat(prose, noise)
	before := len(history)
	for _, bits := range windows[1:] {
		for distance := 1<<bits - 1; distance <= 1<<bits+1; distance++ {
			from := len(history) - distance
			history = append(history, history[from:from+64]...)
		}
	}
	return []deflateMessage{
		{ws.OpText, prose}, {ws.OpBinary, noise}, {ws.OpBinary, history[before:]},
		{ws.OpText, prose}, {ws.OpText, []byte{}}, {ws.OpText, prose}, {ws.OpBinary, noise[:1000]},
	}
}
