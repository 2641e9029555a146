package django_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/signing"
)

// TestZipBomb: 8 MiB in a text of some ten kilobytes, well signed, are refused
// within the bound.
func TestZipBomb(t *testing.T) {
	codec, err := django.NewCodec(testSettings(), nil)
	if err != nil {
		t.Fatal(err)
	}
	bomb := sign(t, codec, strings.Repeat("0", 1<<23))
	allocated := testing.AllocsPerRun(1, func() {
		if _, err := codec.Decode(t.Context(), bomb); !errors.Is(err, signing.ErrTooLarge) || !errors.Is(err, django.ErrUnreadable) {
			t.Errorf("Decode: %v", err)
		}
	})
	if allocated > 200 {
		t.Errorf("%v allocations", allocated)
	}
}

// TestTooLarge: a session beyond the bound is an error and not an empty session, which
// would be saved over it; nor is one made.
func TestTooLarge(t *testing.T) {
	st := newSite(t, func(s *django.Settings) { s.MaxInflated = 1000 })
	st.put(validKey, `{"a":"`+strings.Repeat("0", 2000)+`"}`)
	text := st.text(validKey)
	if _, err := st.Load(t.Context(), validKey); !errors.Is(err, django.ErrTooLarge) {
		t.Errorf("Load: %v", err)
	}
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		if s, err := st.Get(r); err == nil {
			_ = s.Set("b", 1)
		}
	})
	check(t, "the status", w.Code, http.StatusInternalServerError)
	check(t, "whether the text is as it was", st.text(validKey) == text, true)

	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	must(t, s.Set("b", strings.Repeat("0", 1000)))
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrTooLarge) {
		t.Errorf("Save: %v", err)
	}
	check(t, "what is stored", st.data(validKey), `{"a":1}`)

	// Another writer has made it too large meanwhile.
	s = st.load(validKey)
	must(t, s.Set("b", 1))
	st.store.once("Save", func() error {
		st.put(validKey, `{"a":"`+strings.Repeat("0", 2000)+`"}`)
		return nil
	})
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrTooLarge) {
		t.Errorf("Save: %v", err)
	}
	check(t, "whether the text is as it was", st.text(validKey) == text, true)
}

// TestLongExpiry: a number that takes long to read is no expiry.
func TestLongExpiry(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"_session_expiry":`+strings.Repeat("9", 1<<20)+`}`)
	s := st.load(validKey)
	if _, err := s.ExpiryAge(); !errors.Is(err, django.ErrExpiry) {
		t.Errorf("ExpiryAge: %v", err)
	}
	if s.ExpireAtBrowserClose() {
		t.Error("it expires with the browser")
	}
}
