//go:build !race

// The race detector makes each decoding ten times slower, and does not change what it takes of memory.

package signing

import (
	"compress/zlib"
	"encoding/base64"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/internal/testenv"
)

// Many that read large texts at once share the memory for it, whether they are too large or just not. What a caller is
// given is the caller's, and comes on top.
func TestLargePayloadsShareMemory(t *testing.T) {
	const shared = 64 << 20
	// So that the peak is what is in use, and not how far behind the collector is on a busy machine.
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	s := timestampSigner(t, Options{})
	plain := newSigner(t, "Signer", testKey, Options{})
	large := func(size int) []byte { return []byte(`"` + strings.Repeat("x", size-2) + `"`) }
	odd := func(text string) string { return text[:4] + "\n! \t" + text[4:] } // which only Python forgives
	fits, bomb := string(s.AppendPayload(nil, large(DefaultMaxInflated), true)), string(s.AppendPayload(nil, large(2*DefaultMaxInflated), true))
	stream := base64.RawURLEncoding.EncodeToString(testenv.Zlib(t, make([]byte, DefaultMaxInflated), zlib.NoCompression))
	long, oddLong := plain.Sign("."+stream), plain.Sign("."+odd(stream))
	data := large(DefaultMaxInflated)
	for _, tt := range []struct {
		name  string
		crowd int
		given int // how many bytes a caller is given
		err   error
		run   func() error
	}{
		{"Payload", 12, DefaultMaxInflated, nil, func() error { _, err := s.Payload(fits); return err }},
		{"Payload of a bomb", 200, 0, ErrTooLarge, func() error { _, err := s.Payload(bomb); return err }},
		{"UnsignObject, a bomb", 200, 0, ErrTooLarge, func() error { var text string; return s.UnsignObject(bomb, &text) }},
		{"a long stream", 12, DefaultMaxInflated, nil, func() error { _, err := plain.Payload(long); return err }},
		{"a long stream, oddly written", 12, DefaultMaxInflated, nil, func() error { _, err := plain.Payload(oddLong); return err }},
		{"what another package reads", 200, 0, nil, func() error {
			encoded, err := s.Unsign(fits)
			if err != nil {
				return err
			}
			_, hold, err := payload.Decode(t.Context(), encoded, DefaultMaxInflated)
			hold.Release()
			return err
		}},
		{"AppendPayload", 100, 0, nil, func() error { s.AppendPayload(nil, data, true); return nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			peak := testenv.PeakAboveIdle(func() {
				begin := make(chan struct{})
				var all sync.WaitGroup
				for range tt.crowd {
					all.Go(func() {
						<-begin
						if err := tt.run(); err != tt.err {
							t.Errorf("%v, want %v", err, tt.err)
						}
					})
				}
				close(begin)
				all.Wait()
			})
			bound := int64(shared + tt.crowd*tt.given)
			t.Logf("%d at once: %d MiB", tt.crowd, peak>>20)
			if peak > bound {
				t.Errorf("%d at once took %d MiB, want %d at most", tt.crowd, peak>>20, bound>>20)
			}
		})
	}
}
