//go:build !race

// Under the race detector sync.Pool drops some of what it holds, so that nothing can be said about allocations.

package django_test

import (
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

func TestCodecAllocations(t *testing.T) {
	for _, s := range testenv.SessionTexts(t) {
		c := newCodec(t, func(set *django.Settings) { set.SecretKey = s.Key })
		d, err := c.Decode(t.Context(), s.Text)
		must(t, err)
		d.Set("seen", value(t, "1"))
		for name, tt := range map[string]struct {
			most float64
			run  func() error
		}{
			"Decode":  {2, func() error { _, err := c.Decode(t.Context(), s.Text); return err }},
			"Record":  {2, func() error { _, err := c.Record(t.Context(), "key", s.Text); return err }},
			"Payload": {1, func() error { _, err := c.Payload(t.Context(), s.Text); return err }},
			"Encode":  {1, func() error { _, err := c.Encode(t.Context(), d); return err }},
			"Dumps":   {1, func() error { _, err := serializer.JSON.Dumps(d); return err }},
		} {
			// Now and then the garbage collector empties a pool.
			if n := testing.AllocsPerRun(50, func() { must(t, tt.run()) }); n > tt.most {
				t.Errorf("%s of a %s: %v allocations, want %v at most", name, s.Name, n, tt.most)
			}
		}
	}
}
