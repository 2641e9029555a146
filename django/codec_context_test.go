package django_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/budget"
)

// A large session waits for memory no longer than its context, and is not taken for a
// corrupt one then.
func TestContextBoundsTheWaitForMemory(t *testing.T) {
	large := `{"a":"` + strings.Repeat("0", 1<<20) + `"}`
	texts := map[string]string{}
	for _, version := range []string{"2.2", "3.2", "5.2"} {
		c := newCodec(t, func(s *django.Settings) { s.DjangoVersion = version })
		texts["written by "+version] = c.Sign([]byte(large))
	}
	texts["badly signed"] = texts["written by 5.2"] + "x"
	texts["badly signed before 3.1"] = texts["written by 2.2"][4:]
	st := newSite(t, nil)
	st.put(validKey, large)

	memory, err := budget.Take(t.Context(), budget.Size)
	must(t, err)
	release := memory.Release
	defer func() { release() }()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, version := range []string{"2.2", "3.2", "5.2"} {
		c := newCodec(t, func(s *django.Settings) { s.DjangoVersion = version })
		for name, text := range texts {
			_, err := c.DecodeContext(ended, text)
			if errors.Is(err, context.Canceled) {
				continue
			}
			// A modern text whose signature is wrong needs no memory, unless it may be an older one.
			if !errors.Is(err, django.ErrCorrupt) || len(text) > budget.Small {
				t.Errorf("Django %s reads what is %s: %v", version, name, err)
			}
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := st.Load(ctx, validKey); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, django.ErrCorrupt) {
		t.Errorf("Load: %v", err)
	}

	memory.Release()
	release = func() {}
	if s, err := st.Load(t.Context(), validKey); err != nil || !s.Has("a") {
		t.Errorf("Load when there is memory: %v", err)
	}
}
