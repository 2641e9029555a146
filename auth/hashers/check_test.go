package hashers

import (
	"strings"
	"testing"
)

// counting counts the calls of a hasher.
type counting struct{ encodes, matchings, hardenings int }

func (c *counting) hasher(ok, outdated bool) *hasher {
	hash := &stored{
		matches:  func(string) (bool, error) { c.matchings++; return ok, nil },
		outdated: outdated,
		harden:   func(string) error { c.hardenings++; return nil },
	}
	return &hasher{
		encode: func(string) (string, error) { c.encodes++; return "", nil },
		decode: func(encoded string) (*stored, error) {
			if strings.HasSuffix(encoded, "damaged") {
				return nil, errDamaged
			}
			return hash, nil
		},
	}
}

// TestCost: whatever the outcome, the time of one hash is spent; more only for a wrong
// password of an outdated hash of the preferred algorithm, whether its parameters are set or not.
func TestCost(t *testing.T) {
	const one, other = "one$", "other$"
	for _, tt := range []struct {
		name, password, encoded   string
		ok, old, updates          bool
		encodes, hashes, hardened int
		want                      Result
	}{
		{name: "right", encoded: one, ok: true, hashes: 1, want: Result{OK: true}},
		{name: "right, outdated", encoded: one, ok: true, old: true, hashes: 1, want: Result{OK: true}},
		{name: "right, outdated, parameters set", encoded: one, ok: true, old: true, updates: true, hashes: 1, want: Result{OK: true, MustUpdate: true}},
		{name: "right, current, parameters set", encoded: one, ok: true, updates: true, hashes: 1, want: Result{OK: true}},
		{name: "right, another, parameters set", encoded: other, ok: true, updates: true, hashes: 1, want: Result{OK: true, MustUpdate: true}},
		{name: "right, another", encoded: other, ok: true, hashes: 1, want: Result{OK: true}},
		{name: "wrong", encoded: one, hashes: 1},
		{name: "wrong, outdated", encoded: one, old: true, hashes: 1, hardened: 1},
		{name: "wrong, outdated, parameters set", encoded: one, old: true, updates: true, hashes: 1, hardened: 1},
		{name: "wrong, current, parameters set", encoded: one, updates: true, hashes: 1},
		{name: "wrong, another", encoded: other, old: true, hashes: 1},
		{name: "wrong, another, parameters set", encoded: other, old: true, updates: true, hashes: 1},
		{name: "NUL", password: "a\x00b", encoded: one, ok: true, updates: true, old: true, hashes: 1},
		{name: "not UTF-8", password: "\xff", encoded: one, ok: true, hashes: 1},
		{name: "too long", password: strings.Repeat("x", maxPasswordLength+1), encoded: one, ok: true, hashes: 1},
		{name: "damaged", encoded: one + "damaged", encodes: 1},
		{name: "unknown", encoded: "nonsense", encodes: 1},
		{name: "unusable", encoded: "!" + one, encodes: 1},
		{name: "empty", encoded: "", encodes: 1},
		{name: "too long a hash", encoded: one + strings.Repeat("x", maxEncoded), encodes: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := mustNew(t, preferring("md5", ""))
			var c counting
			hash := c.hasher(tt.ok, tt.old)
			h.preferred, h.updates = "one", tt.updates
			h.byAlgorithm = map[string]*hasher{"one": hash, "other": hash}
			got := check(t, h, tt.password, tt.encoded)
			if got != tt.want || c.encodes != tt.encodes || c.matchings != tt.hashes || c.hardenings != tt.hardened {
				t.Errorf("%+v, %+v", got, c)
			}
		})
	}
}

// TestUpdatesNeedParameters: without explicit ones, nothing is hashed anew.
func TestUpdatesNeedParameters(t *testing.T) {
	set := preferring("pbkdf2_sha256", "5.2")
	unset := set
	unset.Parameters = nil
	outdated := map[string]bool{} // whether it is outdated for pbkdf2_sha256 with 10 iterations
	for _, algorithm := range All() {
		if h, err := New(preferring(algorithm, "5.0")); err == nil {
			outdated[mustMake(t, h, testPassword)] = algorithm != "pbkdf2_sha256"
		}
	}
	old := mustNew(t, preferring("pbkdf2_sha256", "3.1"))
	outdated[mustMake(t, old, testPassword)] = true // for its salt
	if len(outdated) != len(All())+1 {
		t.Fatalf("%d hashes", len(outdated))
	}
	for encoded, want := range outdated {
		if got := check(t, mustNew(t, set), testPassword, encoded); got != (Result{OK: true, MustUpdate: want}) {
			t.Errorf("parameters set: %s: %+v", encoded, got)
		}
		if got := check(t, mustNew(t, unset), testPassword, encoded); got != (Result{OK: true}) {
			t.Errorf("parameters unset: %s: %+v", encoded, got)
		}
		if got := check(t, old, testPassword, encoded); !got.OK && !strings.HasPrefix(encoded, "argon2$argon2id") {
			t.Errorf("an older Django: %s: %+v", encoded, got)
		}
	}
}

// TestNoUpdateOfWhatCannotBeMade: plain bcrypt cannot make hashes of long passwords.
func TestNoUpdateOfWhatCannotBeMade(t *testing.T) {
	long := strings.Repeat("x", 73)
	encoded := mustMake(t, mustNew(t, preferring("md5", "")), long)
	h := mustNew(t, preferring("bcrypt", ""))
	if got := check(t, h, long, encoded); got != (Result{OK: true}) {
		t.Errorf("%+v", got)
	}
	if err := spend(t.Context(), h, long); err != nil {
		t.Error(err)
	}
}

func TestLongPasswords(t *testing.T) {
	long := strings.Repeat("x", maxPasswordLength)
	for _, algorithm := range All() {
		h, err := New(preferring(algorithm, "5.0"))
		if err != nil {
			t.Fatal(err)
		}
		if algorithm == "bcrypt" {
			continue
		}
		encoded := mustMake(t, h, long)
		if !check(t, h, long, encoded).OK {
			t.Errorf("%s: the longest password does not match", algorithm)
		}
		if check(t, h, long+"x", encoded).OK {
			t.Errorf("%s: a longer password matches", algorithm)
		}
	}
}
