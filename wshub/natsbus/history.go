package natsbus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wirews/wirews/wshub"
)

// history returns what there is in a topic.
func (s *stream) history(ctx context.Context, name string, start wshub.Start) (r wshub.Replay, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	st, err := s.look(ctx, nil)
	if err != nil {
		return r, err
	}
	r.From, r.At = st.at, st.at
	if !start.After.IsZero() {
		done, err := s.since(ctx, st, name, start.After, &r)
		if done || err != nil {
			return r, err
		}
		r.Gap = true
	}
	if start.Last <= 0 {
		return r, nil
	}
	all, err := s.fetch(ctx, st, name, 1)
	if err != nil || len(all) == 0 {
		return r, err
	}
	r.Entries = all[max(0, len(all)-start.Last):]
	r.From = wshub.Position{Epoch: st.at.Epoch, Offset: r.Entries[0].Position.Offset - 1}
	reach(&r)
	return r, nil
}

// reach moves the present position of a replay to its last entry, if that is newer.
func reach(r *wshub.Replay) {
	if n := len(r.Entries); n > 0 && r.Entries[n-1].Position.Offset > r.At.Offset {
		r.At = r.Entries[n-1].Position
	}
}

// since returns in r what has come after a position. done is false if not everything
// is there.
func (s *stream) since(ctx context.Context, st state, name string, after wshub.Position, r *wshub.Replay) (done bool, err error) {
	if after.Epoch != st.at.Epoch || after.Offset > st.at.Offset {
		return false, nil
	}
	entries, err := s.fetch(ctx, st, name, after.Offset+1)
	if err != nil {
		return false, err
	}
	// What is kept now was kept when the entries were fetched.
	subject := s.subjects(after.Epoch) + name
	now, err := s.look(ctx, func(uint64) string { return subject })
	if err != nil || now.at.Epoch != after.Epoch {
		return false, err
	}
	done, err = s.complete(ctx, now, name, after.Offset, time.Time{})
	if done {
		r.From, r.Entries = after, entries
		reach(r)
	}
	return done, err
}

// fetch returns what there is in a topic from an offset on. Any server that keeps the
// stream may answer, and one that has been down may not have all of it yet; which message
// is the last is asked of the one that leads.
func (s *stream) fetch(ctx context.Context, st state, name string, from uint64) (entries []wshub.Entry, err error) {
	last, err := st.stream.GetLastMsgForSubject(ctx, s.subjects(st.at.Epoch)+name)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case last.Sequence < from:
		return nil, nil
	}
	var had uint64
	c, err := st.stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		FilterSubject:     s.subjects(st.at.Epoch) + name,
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       from,
		AckPolicy:         jetstream.AckNonePolicy,
		MemoryStorage:     true,
		Replicas:          1,
		InactiveThreshold: timeout,
	})
	if err != nil {
		return nil, err
	}
	defer s.forget(c)
	for left := c.CachedInfo().NumPending; left > 0; {
		batch, err := c.Fetch(int(left), jetstream.FetchMaxWait(heartbeat))
		if err != nil {
			return nil, err
		}
		none := true
		for m := range batch.Messages() {
			meta, err := m.Metadata()
			if err != nil {
				return nil, err
			}
			if e, _, ok := s.entry(m.Subject(), m.Data(), meta); ok {
				entries = append(entries, e)
			}
			had, left, none = meta.Sequence.Stream, meta.NumPending, false
			if left == 0 {
				break
			}
		}
		if err := batch.Error(); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if none && left > 0 {
			break // they have become too old, or the server is lost: gone finds out which
		}
	}
	if had < last.Sequence {
		return entries, s.gone(ctx, st, last.Sequence)
	}
	return entries, nil
}

// gone returns nil if a message that was there is not kept any more: it has become too
// old meanwhile, with all that are older. If it is kept, the error is errBehind: the server
// that was asked does not have it yet.
func (s *stream) gone(ctx context.Context, st state, sequence uint64) error {
	_, err := st.stream.GetMsg(ctx, sequence)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return nil
	case err != nil:
		return err
	}
	return errBehind
}

var errBehind = errors.New("natsbus: the server that was asked does not have all messages yet")
