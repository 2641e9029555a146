//go:build !race

// Under the race detector sync.Pool drops some of what it holds, so that nothing can be said about allocations.

package signing

import (
	"testing"
	"time"
)

func TestHotPathAllocations(t *testing.T) {
	s := timestampSigner(t, Options{})
	payload := cart(0)
	signed := string(s.AppendPayload(nil, payload, true))
	dst := make([]byte, 0, 1024)
	for name, tt := range map[string]struct {
		most float64
		run  func()
	}{
		"AppendPayload": {0, func() { s.AppendPayload(dst, payload, true) }},
		"Payload":       {1, func() { s.TimestampSigner.Payload(t.Context(), signed, time.Hour) }},
		"Sign":          {1, func() { s.Sign("value") }},
		"Unsign":        {0, func() { s.Unsign(signed) }},
	} {
		if n := testing.AllocsPerRun(200, tt.run); n > tt.most {
			t.Errorf("%s: %v allocations, want %v at most", name, n, tt.most)
		}
	}
}
