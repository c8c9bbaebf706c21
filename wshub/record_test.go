package wshub_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
)

// What a bus sends by a broker that carries bytes.
func ExampleAppendRecord() {
	b := wshub.AppendRecord(nil, wshub.Record{Op: ws.OpText, Data: []byte("42"), Key: "speed"})
	r, err := wshub.ParseRecord(b)
	fmt.Printf("%s = %s, %v\n", r.Key, r.Data, err)
	// Output: speed = 42, <nil>
}

func TestRecordsAreTheirBytes(t *testing.T) {
	for _, tc := range []struct {
		r    wshub.Record
		want string
	}{
		{wshub.Record{Op: ws.OpText}, "11 0000000000000000 00"},
		{wshub.Record{Op: ws.OpBinary, Data: []byte{0xff}, Key: "k", Origin: 1 << 56}, "12 0100000000000000 01 6b ff"},
		{wshub.Record{Op: ws.OpText, Key: string(make([]byte, 128))}, "11 0000000000000000 8001" + hex.EncodeToString(make([]byte, 128))},
	} {
		want, _ := hex.DecodeString(string(bytes.ReplaceAll([]byte(tc.want), []byte(" "), nil)))
		got := wshub.AppendRecord([]byte("before"), tc.r)
		if !bytes.Equal(got, append([]byte("before"), want...)) {
			t.Errorf("%+v is %x, want %x", tc.r, got, want)
		}
		back, err := wshub.ParseRecord(want)
		if len(back.Data) == 0 {
			back.Data = nil
		}
		if err != nil || !reflect.DeepEqual(back, tc.r) {
			t.Errorf("%x is %+v, %v", want, back, err)
		}
		head := len(want) - len(tc.r.Data)
		for n := range head {
			if _, err := wshub.ParseRecord(want[:n]); !errors.Is(err, wshub.ErrRecord) {
				t.Errorf("%d bytes of %x: %v", n, want, err)
			}
		}
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add(wshub.AppendRecord(nil, wshub.Record{Op: ws.OpText, Data: []byte("data"), Key: "key", Origin: 7}))
	f.Add([]byte{0x21, 0, 0, 0, 0, 0, 0, 0, 0, 0})                                                             // version 2
	f.Add([]byte{0x19, 0, 0, 0, 0, 0, 0, 0, 0, 0})                                                             // a ping
	f.Add([]byte{0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})    // a key of 2^64-1 bytes
	f.Add([]byte{0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}) // more than 64 bits
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := wshub.ParseRecord(b)
		if err != nil {
			return
		}
		again, err := wshub.ParseRecord(wshub.AppendRecord(nil, r))
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%x is %+v, and comes back as %+v, %v", b, r, again, err)
		}
	})
}
