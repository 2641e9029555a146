package hashers

import (
	"crypto/sha256"
	"hash"
	"testing"

	"github.com/djsession/djsession/internal/djversion"
)

// counted counts the sums of a hash function.
type counted struct {
	hash.Hash
	sums *int
}

func (c counted) Sum(b []byte) []byte { *c.sums++; return c.Hash.Sum(b) }

// preferringHasher are the newest Django's hashers, with another one for an algorithm.
func preferringHasher(t *testing.T, algorithm string, f func(site) (*hasher, error)) *Hashers {
	t.Helper()
	h := mustNew(t, preferring(algorithm, ""))
	var err error
	h.byAlgorithm[algorithm], err = f(site{version: djversion.Newest, bounds: defaultBounds, algorithm: algorithm})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestHardening: a wrong password for a cheap hash costs as many rounds as one for a hash
// of today; the right one, and a hash that costs more than those of today, cost their own.
func TestHardening(t *testing.T) {
	const weak, strong = 100, 2000
	rounds := 0
	counting := func(iterations int) *Hashers {
		return preferringHasher(t, "pbkdf2_sha256", func(s site) (*hasher, error) {
			return newPBKDF2(s, func() hash.Hash { return counted{sha256.New(), &rounds} }, iterations)
		})
	}
	cheap, dear := counting(weak), counting(strong)
	ofCheap, ofDear := mustMake(t, cheap, testPassword), mustMake(t, dear, testPassword)
	// An iteration is an inner and an outer sum.
	for name, tt := range map[string]struct {
		h                 *Hashers
		password, encoded string
		want              int
	}{
		"right":                        {dear, testPassword, ofCheap, weak},
		"wrong":                        {dear, "wrong", ofCheap, strong},
		"wrong, of today":              {dear, "wrong", ofDear, strong},
		"wrong, dearer than any today": {cheap, "wrong", ofDear, strong},
	} {
		rounds = 0
		check(t, tt.h, tt.password, tt.encoded)
		// A few sums are for the HMAC's key.
		if got := rounds / 2; got < tt.want || got > tt.want+10 {
			t.Errorf("%s: %d iterations, want %d", name, got, tt.want)
		}
	}
}

// TestHardeningOfBCrypt: the same, where each run costs twice as much with each round.
func TestHardeningOfBCrypt(t *testing.T) {
	runs := 0
	counting := func(rounds int) *Hashers {
		return preferringHasher(t, "bcrypt", func(s site) (*hasher, error) {
			return newBCrypt(s, func(password string) []byte { runs++; return []byte(password) }, rounds)
		})
	}
	cheap, dear := counting(4), counting(7)
	ofCheap, ofDear := mustMake(t, cheap, testPassword), mustMake(t, dear, testPassword)
	for name, tt := range map[string]struct {
		h                 *Hashers
		password, encoded string
		want              int
	}{
		"right":                        {dear, testPassword, ofCheap, 1},
		"wrong":                        {dear, "wrong", ofCheap, 8},
		"wrong, of today":              {dear, "wrong", ofDear, 1},
		"wrong, dearer than any today": {cheap, "wrong", ofDear, 1},
	} {
		runs = 0
		check(t, tt.h, tt.password, tt.encoded)
		if runs != tt.want {
			t.Errorf("%s: %d runs, want %d", name, runs, tt.want)
		}
	}
}
