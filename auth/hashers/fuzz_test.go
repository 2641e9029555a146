package hashers

import (
	"strings"
	"testing"

	"github.com/djsession/djsession/fixtures"
)

// FuzzCheck: no stored hash and no password makes Check panic, take long, or log the hash;
// and what Django's own hasher writes is the one way to write it.
func FuzzCheck(f *testing.F) {
	for _, version := range []string{"2.2", "6.1"} {
		passwords, err := fixtures.Passwords(version)
		if err != nil {
			f.Fatal(err)
		}
		for _, p := range passwords {
			f.Add(p.Password, p.Encoded, version == "2.2")
		}
	}
	logger, text := logged()
	small := bounds{iterations: 100, rounds: 4, memoryCost: 64, argon2Work: 64, scryptWork: 256, scryptMaxMem: 1 << 16}
	hashers := func(o Options) *Hashers {
		o.Logger = logger
		h, err := newHashers(o, small)
		if err != nil {
			f.Fatal(err)
		}
		return h
	}
	older, newer := hashers(preferring("md5", "2.2")), hashers(preferring("md5", "6.1"))

	f.Fuzz(func(t *testing.T, password, encoded string, old bool) {
		h := newer
		if old {
			h = older
		}
		text.Reset()
		got := check(t, h, password, encoded)
		if len(encoded) > 20 && strings.Contains(text.String(), encoded) {
			t.Errorf("the hash was logged: %s", text)
		}
		if !got.OK {
			return
		}
		if !valid(password) || !IsUsable(encoded) {
			t.Errorf("%q matches %q", password, encoded)
		}
		if check(t, h, password, encoded+"x").OK || check(t, h, password, " "+encoded).OK || check(t, h, password, encoded[:len(encoded)-1]).OK {
			t.Errorf("%q matches with more or less in it", encoded)
		}
		before := "."
		if strings.HasPrefix(password, before) {
			before = ","
		}
		if check(t, h, before+password, encoded).OK {
			t.Errorf("%q matches with more before it", password)
		}
	})
}
