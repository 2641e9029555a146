package hashers

import (
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/djversion"
)

func forEachDjango(t *testing.T, test func(t *testing.T, version string, passwords []fixtures.Password)) {
	t.Helper()
	for _, version := range djangos() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			passwords, err := fixtures.Passwords(version)
			if err != nil {
				t.Fatal(err)
			}
			test(t, version, passwords)
		})
	}
}

// parametersOf are the parameters of a Django's hasher; nil if its algorithm has none.
func parametersOf(h fixtures.Hasher) Parameters {
	switch h.Algorithm {
	case "pbkdf2_sha256":
		return PBKDF2SHA256{h.Iterations}
	case "pbkdf2_sha1":
		return PBKDF2SHA1{h.Iterations}
	case "argon2":
		return Argon2{h.TimeCost, h.MemoryCost, h.Parallelism, h.HashLen}
	case "bcrypt_sha256":
		return BCryptSHA256{h.Rounds}
	case "bcrypt":
		return BCrypt{h.Rounds}
	case "scrypt":
		return Scrypt{WorkFactor: h.WorkFactor, BlockSize: h.BlockSize, Parallelism: h.Parallelism}
	}
	return nil
}

// hashersOf are the hashers under which Django judged a password.
func hashersOf(t *testing.T, version string, p fixtures.Password) *Hashers {
	t.Helper()
	o := preferring(p.Preferred.Algorithm, version)
	if p.Hashers != nil {
		o.PasswordHashers = p.Hashers
	}
	o.Parameters = nil
	if parameters := parametersOf(p.Preferred); parameters != nil {
		o.Parameters = map[string]Parameters{p.Preferred.Algorithm: parameters}
	}
	h := mustNew(t, o)
	// Legacy hashers have no parameters.
	h.updates = true
	return h
}

// ofDefaultCost tells the hashes that cost as much as a real login does.
func ofDefaultCost(p fixtures.Password) bool { return strings.HasSuffix(p.Name, "_default") }

// deliberate says what is made of a password on purpose where Django may differ.
func deliberate(p fixtures.Password) (ok, differs bool) {
	version16 := strings.HasPrefix(p.Encoded, "argon2$") && !strings.Contains(p.Encoded, "$v=19$")
	switch {
	case strings.Contains(p.Password, "\x00"), strings.HasPrefix(p.Encoded, "argon2$argon2d$"), version16:
		return false, true
	case strings.HasPrefix(p.Name, "forged_bcrypt_of_"): // cut off at 72 bytes
		return p.Name != "forged_bcrypt_of_72_bytes_other", true
	case p.Name == "forged_bcrypt_sha256_variety_2x":
		return true, true
	}
	return false, false
}

func TestWhatDjangoSays(t *testing.T) {
	forEachDjango(t, func(t *testing.T, version string, passwords []fixtures.Password) {
		matches, differences := 0, 0
		for _, p := range passwords {
			if ofDefaultCost(p) {
				continue // see TestWhatDjangoSaysAtDefaultCost
			}
			got := check(t, hashersOf(t, version, p), p.Password, p.Encoded)
			want := Result{OK: p.Verdict == fixtures.Match, MustUpdate: p.MustUpdate}
			if ok, differs := deliberate(p); differs && ok != want.OK {
				want = Result{OK: ok}
				differences++
			}
			if got != want {
				t.Errorf("%s: %+v, Django says %s, %v: %q", p.Name, got, p.Verdict, p.MustUpdate, p.Encoded)
			}
			if got.OK {
				matches++
			}
		}
		if matches < 80 || differences > 30 {
			t.Errorf("%d matches, %d differences from Django, of %d", matches, differences, len(passwords))
		}
	})
}

// TestDefaultsAreDjangos compares the parameters that Django had with those of hashers
// that were told its version alone.
func TestDefaultsAreDjangos(t *testing.T) {
	forEachDjango(t, func(t *testing.T, version string, passwords []fixtures.Password) {
		parsed, err := djversion.Parse(version)
		if err != nil {
			t.Fatal(err)
		}
		defaults, compared := []string{}, 0
		for _, p := range passwords {
			if p.Hashers != nil {
				defaults = p.Hashers
			}
			if !ofDefaultCost(p) {
				continue
			}
			compared++
			h := mustNew(t, Options{DjangoVersion: version, PasswordHashers: []string{p.Algorithm}})
			kept, err := h.first().decode(p.Encoded)
			if err != nil {
				t.Fatal(err)
			}
			if kept.outdated {
				t.Errorf("%s is not of the default parameters", p.Name)
			}
		}
		if compared < 3 {
			t.Errorf("%d algorithms with default parameters", compared)
		}
		var own []string
		for _, algorithm := range defaultHashers(parsed) {
			c, _ := find(algorithm)
			own = append(own, c.path())
		}
		if !slices.Equal(own, defaults) {
			t.Errorf("PASSWORD_HASHERS is %v, Django's is %v", own, defaults)
		}
	})
}

// TestOneDjangosHashInAnother: what an older or newer Django made matches, if both know the
// algorithm.
func TestOneDjangosHashInAnother(t *testing.T) {
	forEachDjango(t, func(t *testing.T, version string, passwords []fixtures.Password) {
		for _, reader := range []string{"2.2", "3.1", "3.2", "7.0"} {
			h := mustNew(t, preferring("md5", reader))
			old := reader == "2.2" || reader == "3.1"
			for _, p := range passwords {
				if p.About != "" || !strings.HasSuffix(p.Name, "_ascii") {
					continue
				}
				want := !old || !strings.HasPrefix(p.Encoded, "argon2$argon2id$")
				if got := check(t, h, p.Password, p.Encoded); got.OK != want {
					t.Errorf("%s under %s: %v, want %v", p.Name, reader, got.OK, want)
				}
			}
		}
	})
}
