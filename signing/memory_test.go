//go:build !race

// The race detector makes each decoding ten times slower, and does not change what it takes of memory.

package signing

import (
	"compress/zlib"
	"encoding/base64"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// Many that read large texts at once share the memory for it, whether they are too large or just not.
func TestLargePayloadsShareMemory(t *testing.T) {
	const crowd, bound = 12, 64 << 20
	s := timestampSigner(t, Options{})
	plain, err := NewSigner(testKey, Options{})
	if err != nil {
		t.Fatal(err)
	}
	large := func(size int) []byte { return []byte(`"` + strings.Repeat("x", size-2) + `"`) }
	odd := func(text string) string { return text[:4] + "\n! \t" + text[4:] } // which only Python forgives
	fits, bomb := string(s.AppendPayload(nil, large(DefaultMaxInflated), true)), string(s.AppendPayload(nil, large(2*DefaultMaxInflated), true))
	stream := compressed(t, randomish(DefaultMaxInflated), zlib.NoCompression)
	tests := map[string]struct {
		err error
		run func() error
	}{
		"Payload":              {nil, func() error { _, err := s.Payload(fits); return err }},
		"Payload of a bomb":    {ErrTooLarge, func() error { _, err := s.Payload(bomb); return err }},
		"UnsignObject":         {nil, func() error { var text string; return s.UnsignObject(fits, &text) }},
		"UnsignObject, a bomb": {ErrTooLarge, func() error { var text string; return s.UnsignObject(bomb, &text) }},
		"Loads": {nil, func() func() error {
			signed, err := Dumps(strings.Repeat("x", DefaultMaxInflated-2), testKey, true, Options{})
			if err != nil {
				t.Fatal(err)
			}
			return func() error { var text any; return Loads(signed, &text, testKey, Options{}) }
		}()},
		"a long stream": {nil, func() func() error {
			signed := plain.Sign("." + base64.RawURLEncoding.EncodeToString(stream))
			return func() error { _, err := plain.Payload(signed); return err }
		}()},
		"a long stream, oddly written": {nil, func() func() error {
			signed := plain.Sign("." + odd(base64.RawURLEncoding.EncodeToString(stream)))
			return func() error { _, err := plain.Payload(signed); return err }
		}()},
		"AppendPayload": {nil, func() func() error {
			payload := large(DefaultMaxInflated)
			return func() error { s.AppendPayload(nil, payload, true); return nil }
		}()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			peak := testenv.PeakAboveIdle(func() {
				begin := make(chan struct{})
				var all sync.WaitGroup
				for range crowd {
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
			t.Logf("%d at once: %d MiB", crowd, peak>>20)
			if peak > bound {
				t.Errorf("%d at once took %d MiB, want %d at most", crowd, peak>>20, bound>>20)
			}
		})
	}
	runtime.KeepAlive(tests)
}
