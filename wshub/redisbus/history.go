package redisbus

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wirews/wirews/wshub"
)

// history returns what there is in a topic.
func (s *shard) history(ctx context.Context, topic string, start wshub.Start) (r wshub.Replay, err error) {
	var p past
	err = s.try(ctx, func(ctx context.Context) error {
		last := min(start.Last, s.options.Messages)
		if last > 0 {
			last += spare // whose position the replay begins after
		}
		p, err = parsePast(historyScript.Run(ctx, s.client, []string{s.state, s.all, s.of + topic},
			strconv.FormatUint(start.After.Offset, 10), max(last, 0)).Slice())
		if err == nil && p.at.Epoch == 0 {
			err = s.renew(ctx)
		}
		return err
	})
	if err != nil {
		return r, err
	}
	r.From, r.At = p.at, p.at
	if !start.After.IsZero() {
		if p.complete(start.After, s.options) {
			r.From, r.Entries = start.After, p.entries(p.since)
			return r, nil
		}
		r.Gap = true
	}
	if latest := p.entries(p.latest); start.Last > 0 && len(latest) > 0 {
		slices.Reverse(latest)
		r.Entries = latest[max(0, len(latest)-min(start.Last, s.options.Messages)):]
		r.From = wshub.Position{Epoch: p.at.Epoch, Offset: r.Entries[0].Position.Offset - 1}
	}
	return r, nil
}

// past is what historyScript returns.
type past struct {
	at            wshub.Position
	len           int64
	oldest        []redis.XMessage // of the topic; one or none
	since, latest []redis.XMessage
	first, next   []redis.XMessage // of all topics, and after the offset; one or none
	now           time.Time
}

func parsePast(v []any, err error) (p past, _ error) {
	if err != nil {
		return p, err
	}
	if len(v) != 8 {
		return p, errState
	}
	state, ok := v[0].([]any)
	if !ok {
		return p, errState
	}
	if p.at, err = position(state, nil); err != nil {
		return p, err
	}
	if p.len, ok = v[1].(int64); !ok {
		return p, errState
	}
	for i, to := range []*[]redis.XMessage{&p.oldest, &p.since, &p.latest, &p.first, &p.next} {
		if *to, err = messages(v[2+i]); err != nil {
			return p, err
		}
	}
	ms, err := number(v[7], 10)
	p.now = time.UnixMilli(int64(ms))
	return p, err
}

// messages returns what a range of a stream stands for: an id, and a list of names and
// values, for each.
func messages(v any) (list []redis.XMessage, err error) {
	all, ok := v.([]any)
	for _, v := range all {
		pair, isPair := v.([]any)
		if !isPair || len(pair) != 2 {
			return nil, errState
		}
		id, isText := pair[0].(string)
		fields, isList := pair[1].([]any)
		if !isText || !isList {
			return nil, errState
		}
		m := redis.XMessage{ID: id, Values: make(map[string]any)}
		for i := 0; i+1 < len(fields); i += 2 {
			name, _ := fields[i].(string)
			m.Values[name] = fields[i+1]
		}
		list = append(list, m)
	}
	if !ok {
		return nil, errState
	}
	return list, nil
}

// complete reports whether everything of the topic after a position is there.
func (p past) complete(after wshub.Position, o Options) bool {
	switch {
	case after.Epoch != p.at.Epoch || after.Offset > p.at.Offset:
		return false
	case after.Offset == p.at.Offset:
		return true
	case len(p.oldest) > 0 && offset(p.oldest[0].ID) <= after.Offset:
		return true
	case p.len >= int64(o.Messages+spare):
		return false // some have been dropped
	}
	// The topic may have been forgotten as a whole, and begun anew. That is not so if what
	// came after the position, of whatever topic, is younger.
	if len(p.first) == 0 || len(p.next) == 0 || offset(p.first[0].ID) > after.Offset+1 {
		return false
	}
	e, _, _ := entry(p.next[0])
	return p.now.Sub(e.Time) < o.Age
}

// entries returns entries of the topic's stream, which have no epoch of their own: what
// is kept belongs to the present one.
func (p past) entries(list []redis.XMessage) (entries []wshub.Entry) {
	for _, m := range list {
		e, _, _ := entry(m)
		e.Position.Epoch = p.at.Epoch
		if len(e.Data) > 0 || e.Op != 0 {
			entries = append(entries, e)
		}
	}
	return entries
}
