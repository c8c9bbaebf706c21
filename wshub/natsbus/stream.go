package natsbus

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wirews/wirews/internal/fanout"
	"github.com/wirews/wirews/wshub"
)

// stream is a shard of a JetStream. Its subjects are prefix.shard.epoch.topic: what is
// published in an epoch that has ended finds no stream, and is not taken for a record of
// the next one.
type stream struct {
	prefix string // of all epochs
	name   string
	keep   Keep
	js     jetstream.JetStream
	fan    fanout.Shard
	last   time.Time // of what was delivered last, by the server's clock; only run knows it

	mu      sync.Mutex
	epoch   uint64 // as far as is known
	restart func() // ends what receives, which begins again; nil: nothing does
}

// spare is how many messages of a topic a stream has more than it promises: a node that
// is a little late receives what others have been given already.
const spare = 256

func newStream(prefix string, i int, k Keep) *stream {
	return &stream{prefix: fmt.Sprintf("%s.%d.", prefix, i), name: fmt.Sprintf("%s_%d", prefix, i), keep: k}
}

// subjects is what those of an epoch begin with.
func (s *stream) subjects(epoch uint64) string {
	return s.prefix + strconv.FormatUint(epoch, 36) + "."
}

// epochOf returns the epoch of a subject, or of those of a stream.
func (s *stream) epochOf(subject string) (epoch uint64, ok bool) {
	rest, ours := strings.CutPrefix(subject, s.prefix)
	text, _, ends := strings.Cut(rest, ".")
	epoch, err := strconv.ParseUint(text, 36, 64)
	return epoch, ours && ends && err == nil
}

// state is what a stream is at a time.
type state struct {
	stream jetstream.Stream
	at     wshub.Position
	now    time.Time // by the server's clock
	first  uint64    // the oldest message that is kept, of whatever topic
	room   uint64    // messages of a topic that there may be
	age    time.Duration
	bytes  bool // there is a limit of bytes
	counts map[string]uint64
}

// look returns the state, with the numbers of messages of the subjects that a filter
// lets through. If there is no stream, it is made.
func (s *stream) look(ctx context.Context, filter func(epoch uint64) string) (st state, err error) {
	st.stream, err = s.js.Stream(ctx, s.name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if st.stream, err = s.js.CreateStream(ctx, s.config()); errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			st.stream, err = s.js.Stream(ctx, s.name) // another node was faster
		}
	}
	if err != nil {
		return st, err
	}
	info := st.stream.CachedInfo()
	epoch, ok := s.epochOf(strings.Join(info.Config.Subjects, ","))
	if !ok {
		return st, fmt.Errorf("natsbus: the stream %s has the subjects %q, and not those of a bus; choose another Prefix", s.name, info.Config.Subjects)
	}
	if filter != nil {
		if info, err = st.stream.Info(ctx, jetstream.WithSubjectFilter(filter(epoch))); err != nil {
			return st, err
		}
	}
	s.mu.Lock()
	s.epoch = epoch
	s.mu.Unlock()
	st.at = wshub.Position{Epoch: epoch, Offset: info.State.LastSeq}
	st.now = info.TimeStamp
	st.first = info.State.FirstSeq
	st.room = uint64(info.Config.MaxMsgsPerSubject)
	st.age, st.bytes = info.Config.MaxAge, info.Config.MaxBytes > 0
	st.counts = info.State.Subjects
	return st, nil
}

// config is that of a new stream.
func (s *stream) config() jetstream.StreamConfig {
	storage := jetstream.FileStorage
	if s.keep.Memory {
		storage = jetstream.MemoryStorage
	}
	bytes := s.keep.Bytes
	if bytes == 0 {
		bytes = -1
	}
	return jetstream.StreamConfig{
		Name:              s.name,
		Description:       "topics of wshub",
		Subjects:          []string{s.subjects(1|rand.Uint64()) + "*"},
		Storage:           storage,
		Replicas:          s.keep.Replicas,
		Discard:           jetstream.DiscardOld,
		MaxMsgsPerSubject: int64(s.keep.Messages + spare),
		MaxAge:            s.keep.Age,
		MaxBytes:          bytes,
		AllowRollup:       true, // for pings
	}
}

// present returns the present position.
func (s *stream) present(ctx context.Context) (wshub.Position, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		st, err := s.look(ctx, nil)
		if err == nil || !leaderless(err) {
			return st.at, err
		}
		if !pause(ctx, retryAfter) {
			return st.at, err
		}
	}
}

// retryAfter is how long to wait before the same is tried again.
const retryAfter = 100 * time.Millisecond

// leaderless reports whether an error says that nobody is there to answer now: nothing
// has been done.
func leaderless(err error) bool {
	var api *jetstream.APIError
	return errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse) ||
		errors.As(err, &api) && api.Code == 503
}

// pause waits, and reports whether ctx goes on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// publish publishes a message to a topic.
func (s *stream) publish(ctx context.Context, name string, m *nats.Msg) (at wshub.Position, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		s.mu.Lock()
		at.Epoch = s.epoch
		s.mu.Unlock()
		m.Subject = s.subjects(at.Epoch) + name
		ack, err := s.js.PublishMsg(ctx, m, jetstream.WithRetryAttempts(0))
		if err == nil {
			at.Offset = ack.Sequence
			return at, nil
		}
		if !leaderless(err) || !pause(ctx, retryAfter) {
			return wshub.Position{}, err
		}
		s.look(ctx, nil) // is it another epoch? An error comes again by publishing
	}
}

// ping publishes something for nobody, which replaces the one before.
func (s *stream) ping(ctx context.Context) error {
	at, err := s.publish(ctx, own, &nats.Msg{Header: nats.Header{jetstream.MsgRollup: {jetstream.MsgRollupSubject}}})
	if err == nil && !s.fan.Await(ctx, at) {
		if err = ctx.Err(); err == nil {
			err = errEpoch
		}
	}
	return err
}

var errEpoch = errors.New("natsbus: the stream has been lost meanwhile")
