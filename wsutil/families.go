package wsutil

import (
	"io"

	"github.com/wirews/wirews/ws"
)

// What is here says in its name which end of the connection the peer is:
// Client functions are for servers, Server functions for clients.

// ReadClientData is [ReadData] for a server.
func ReadClientData(rw io.ReadWriter) ([]byte, ws.OpCode, error) {
	return ReadData(rw, ws.StateServerSide)
}

// ReadServerData is [ReadData] for a client.
func ReadServerData(rw io.ReadWriter) ([]byte, ws.OpCode, error) {
	return ReadData(rw, ws.StateClientSide)
}

// ReadClientText is [ReadClientData] that drops binary messages.
func ReadClientText(rw io.ReadWriter) ([]byte, error) {
	return readOnly(rw, ws.StateServerSide, ws.OpText)
}

// ReadServerText is [ReadServerData] that drops binary messages.
func ReadServerText(rw io.ReadWriter) ([]byte, error) {
	return readOnly(rw, ws.StateClientSide, ws.OpText)
}

// ReadClientBinary is [ReadClientData] that drops text messages.
func ReadClientBinary(rw io.ReadWriter) ([]byte, error) {
	return readOnly(rw, ws.StateServerSide, ws.OpBinary)
}

// ReadServerBinary is [ReadServerData] that drops text messages.
func ReadServerBinary(rw io.ReadWriter) ([]byte, error) {
	return readOnly(rw, ws.StateClientSide, ws.OpBinary)
}

func readOnly(rw io.ReadWriter, s ws.State, want ws.OpCode) ([]byte, error) {
	p, _, err := appendWanted(nil, rw, s, want)
	return p, err
}

// ReadClientMessage is ReadMessage for a server.
func ReadClientMessage(r io.Reader, m []Message) ([]Message, error) {
	return ReadMessage(r, ws.StateServerSide, m)
}

// ReadServerMessage is ReadMessage for a client.
func ReadServerMessage(r io.Reader, m []Message) ([]Message, error) {
	return ReadMessage(r, ws.StateClientSide, m)
}

// HandleClientControlMessage is [HandleControlMessage] for a server.
func HandleClientControlMessage(conn io.Writer, msg Message) error {
	return HandleControlMessage(conn, ws.StateServerSide, msg)
}

// HandleServerControlMessage is [HandleControlMessage] for a client.
func HandleServerControlMessage(conn io.Writer, msg Message) error {
	return HandleControlMessage(conn, ws.StateClientSide, msg)
}

// WriteServerMessage is WriteMessage for a server.
func WriteServerMessage(w io.Writer, op ws.OpCode, p []byte) error {
	return WriteMessage(w, ws.StateServerSide, op, p)
}

// WriteServerText is [WriteServerMessage] of a text.
func WriteServerText(w io.Writer, p []byte) error { return WriteServerMessage(w, ws.OpText, p) }

// WriteServerBinary is [WriteServerMessage] of a binary message.
func WriteServerBinary(w io.Writer, p []byte) error { return WriteServerMessage(w, ws.OpBinary, p) }

// WriteClientMessage is WriteMessage for a client.
func WriteClientMessage(w io.Writer, op ws.OpCode, p []byte) error {
	return WriteMessage(w, ws.StateClientSide, op, p)
}

// WriteClientText is [WriteClientMessage] of a text.
func WriteClientText(w io.Writer, p []byte) error { return WriteClientMessage(w, ws.OpText, p) }

// WriteClientBinary is [WriteClientMessage] of a binary message.
func WriteClientBinary(w io.Writer, p []byte) error { return WriteClientMessage(w, ws.OpBinary, p) }
