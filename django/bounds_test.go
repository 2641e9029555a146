package django_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/signing"
)

// TestZipBomb: 32 MiB in a text of some ten kilobytes, well signed, are refused
// within the bound.
func TestZipBomb(t *testing.T) {
	codec, err := django.NewCodec(testSettings(), nil)
	if err != nil {
		t.Fatal(err)
	}
	bomb := codec.Sign(bytes.Repeat([]byte{'0'}, 1<<25))
	allocated := testing.AllocsPerRun(1, func() {
		if _, err := codec.Decode(bomb); !errors.Is(err, signing.ErrTooLarge) || !errors.Is(err, django.ErrUnreadable) {
			t.Errorf("Decode: %v", err)
		}
	})
	if allocated > 200 {
		t.Errorf("%v allocations", allocated)
	}
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
