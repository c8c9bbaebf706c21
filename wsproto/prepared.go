package wsproto

import "github.com/wirews/wirews/ws"

// Prepared is a message that is encoded once and sent to many. It is not
// changed any more and may be used by any number of goroutines.
type Prepared struct {
	op    ws.OpCode
	forms []preparedForm // as it is first, then encoded ones
}

type preparedForm struct {
	by      Encoder // nil: as it is
	first   firstByte
	frame   []byte // unmasked
	payload []byte // of it
}

// Prepare prepares the message p, which is copied: as it is, and as each of
// the encoders makes it. An encoder, one for each variant of the extension that
// connections have agreed on, must not be used for anything else; only those
// Senders send what it has made whose own Encoder is a SharingEncoder that
// agrees. All others send the message as it is, which any peer understands.
// The errors are ErrMessageOpCode and those of the encoders.
func Prepare(op ws.OpCode, p []byte, encoders ...Encoder) (*Prepared, error) {
	m := &Prepared{op: op}
	for _, e := range append([]Encoder{nil}, encoders...) {
		s := Sender{Encoder: e}
		frame, err := s.AppendMessage(nil, op, p)
		if err != nil {
			return nil, err
		}
		b := firstByte(frame[0])
		if e != nil && b == m.forms[0].first {
			continue // not worth encoding
		}
		_, n, _ := ws.ParseHeader(frame)
		m.forms = append(m.forms, preparedForm{e, b, frame, frame[n:]})
	}
	return m, nil
}

// AppendPrepared appends m. The errors are those of AppendMessageHeader.
func (s *Sender) AppendPrepared(dst []byte, m *Prepared) ([]byte, error) {
	f, err := s.form(m)
	if err != nil {
		return dst, err
	}
	if s.config().State.ClientSide() {
		return s.appendFrame(dst, f.first, f.payload), nil
	}
	return append(dst, f.frame...), nil
}

// Prepared returns what AppendPrepared appends, to be sent without a copy. A
// server's is shared by all that m is sent to: it must not be changed. A client
// masks, so it gets a copy of its own.
func (s *Sender) Prepared(m *Prepared) (frame []byte, err error) {
	if s.config().State.ClientSide() {
		return s.AppendPrepared(nil, m)
	}
	f, err := s.form(m)
	if err != nil {
		return nil, err
	}
	return f.frame[:len(f.frame):len(f.frame)], nil
}

// form returns the form of m that this connection sends.
func (s *Sender) form(m *Prepared) (*preparedForm, error) {
	if err := s.checkMessage(m.op); err != nil {
		return nil, err
	}
	if mine, ok := s.Encoder.(SharingEncoder); ok {
		for i := range m.forms {
			if f := &m.forms[i]; f.by != nil && mine.Shares(f.by) {
				return f, nil
			}
		}
	}
	return &m.forms[0], nil
}
