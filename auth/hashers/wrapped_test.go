package hashers

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wrappedGolden is what testdata/wrapped.py wrote under one Django.
type wrappedGolden struct {
	Django  string
	Wrapped []struct {
		Entry, Algorithm, Inner, Outer string
		Cases                          []struct {
			Password, Encoded string
			Right, Wrong      bool
		}
	}
}

// TestWrappedAsDjango: hashers of a site's own around old hashes, one without parameters of
// its own for each of Django's, judge as they do at Django, and make what they can check.
func TestWrappedAsDjango(t *testing.T) {
	files, err := filepath.Glob("testdata/wrapped-*.json")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var g wrappedGolden
		if err := json.Unmarshal(text, &g); err != nil {
			t.Fatal(err)
		}
		t.Run(g.Django, func(t *testing.T) {
			t.Parallel()
			for _, w := range g.Wrapped {
				outer := cheap()[w.Outer]
				h := mustNew(t, Options{
					DjangoVersion:   g.Django,
					PasswordHashers: []string{"django.contrib.auth.hashers.MD5PasswordHasher", w.Entry},
					Parameters:      map[string]Parameters{w.Entry: Wrapped{Algorithm: w.Algorithm, Inner: w.Inner, Outer: outer}},
				})
				for _, c := range w.Cases {
					if got := check(t, h, c.Password, c.Encoded); got.OK != c.Right || !c.Right {
						t.Errorf("%s, the right password: %v, Django %v", w.Algorithm, got.OK, c.Right)
					}
					// Plain bcrypt looks at 72 bytes of a password, here and there.
					if got := check(t, h, c.Password+"!", c.Encoded); got.OK != c.Wrong {
						t.Errorf("%s, a wrong password: %v, Django %v", w.Algorithm, got.OK, c.Wrong)
					}
				}
				// As the preferred one, which makes new hashes.
				h = mustNew(t, Options{
					DjangoVersion: g.Django, PasswordHashers: []string{w.Entry},
					Parameters: map[string]Parameters{w.Entry: Wrapped{Algorithm: w.Algorithm, Inner: w.Inner, Outer: outer}},
				})
				encoded := mustMake(t, h, testPassword)
				if !strings.HasPrefix(encoded, w.Algorithm+"$") || check(t, h, testPassword, encoded) != (Result{OK: true}) || check(t, h, "wrong", encoded).OK {
					t.Errorf("%s makes %.40s", w.Algorithm, encoded)
				}
			}
		})
	}
}

// TestWrappedIsHashedAnew: where another hasher is preferred, as Django does.
func TestWrappedIsHashedAnew(t *testing.T) {
	const entry = "accounts.hashers.PBKDF2WrappedSHA1PasswordHasher"
	wrapped := Wrapped{Algorithm: "pbkdf2_wrapped_sha1", Inner: "sha1", Outer: PBKDF2SHA256{Iterations: 10}}
	encoded := mustMake(t, mustNew(t, Options{PasswordHashers: []string{entry}, Parameters: map[string]Parameters{entry: wrapped}}), testPassword)
	o := Options{PasswordHashers: []string{"pbkdf2_sha256", entry}, Parameters: map[string]Parameters{entry: wrapped}}
	if got := check(t, mustNew(t, o), testPassword, encoded); got != (Result{OK: true}) {
		t.Errorf("without parameters of the preferred hasher: %+v", got)
	}
	o.Parameters["pbkdf2_sha256"] = PBKDF2SHA256{Iterations: 10}
	if got := check(t, mustNew(t, o), testPassword, encoded); got != (Result{OK: true, MustUpdate: true}) {
		t.Errorf("with them: %+v", got)
	}
}

func TestWrappedIsRefused(t *testing.T) {
	const entry = "accounts.hashers.Own"
	for says, w := range map[string]Wrapped{
		"field Algorithm must":   {Inner: "sha1", Outer: PBKDF2SHA256{}},
		`no "$"`:                 {Algorithm: "a$b", Outer: PBKDF2SHA256{}},
		"Django's own":           {Algorithm: "pbkdf2_sha256", Inner: "sha1", Outer: PBKDF2SHA256{}},
		"field Inner is":         {Algorithm: "own", Inner: "bcrypt", Outer: PBKDF2SHA256{}},
		"field Outer":            {Algorithm: "own", Inner: "sha1"},
		"the hasher that":        {Algorithm: "own", Outer: Wrapped{Algorithm: "other", Outer: PBKDF2SHA256{}}},
		"bcrypt cannot share":    {Algorithm: "own", Inner: "md5", Outer: BCrypt{}},
		"hashers: parameters of": {Algorithm: "own", Inner: "sha1", Outer: BCryptSHA256{}},
		"field Iterations":       {Algorithm: "own", Inner: "sha1", Outer: PBKDF2SHA256{Iterations: -1}},
		"field MaxMem":           {Algorithm: "own", Inner: "sha1", Outer: Scrypt{MaxMem: -1}},
		"field TimeCost":         {Algorithm: "own", Outer: Argon2{TimeCost: -1}},
		"field Rounds":           {Algorithm: "own", Outer: BCrypt{Rounds: 1}},
	} {
		_, err := New(Options{PasswordHashers: []string{entry}, Parameters: map[string]Parameters{entry: w}})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v; want an error with %q", w, err, says)
		}
	}
}

// TestAdviceForOwnHashers: what the errors say to do, done, works.
func TestAdviceForOwnHashers(t *testing.T) {
	for _, entry := range []string{"accounts.hashers.Own", "pbkdf2_wrapped_sha1"} {
		_, err := New(Options{PasswordHashers: []string{"pbkdf2_sha256", entry}})
		if err == nil {
			t.Fatalf("%s is accepted", entry)
		}
		for _, word := range []string{entry, "Parameters", "PBKDF2SHA256{}", "Wrapped", "WithHashers"} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%q is not in %v", word, err)
			}
		}
		w := Wrapped{Algorithm: "pbkdf2_wrapped_sha1", Inner: "sha1", Outer: PBKDF2SHA256{}}
		mustNew(t, Options{PasswordHashers: []string{"pbkdf2_sha256", entry}, Parameters: map[string]Parameters{entry: w}})
	}
}

// TestWrappedIsNamedInTheLog: a configured name is nobody's hash.
func TestWrappedIsNamedInTheLog(t *testing.T) {
	logger, text := logged()
	const entry = "accounts.hashers.Own"
	h := mustNew(t, Options{PasswordHashers: []string{"md5", entry}, Logger: logger,
		Parameters: map[string]Parameters{entry: Wrapped{Algorithm: "own", Outer: PBKDF2SHA256{}}}})
	check(t, h, testPassword, "own$damaged")
	check(t, h, testPassword, "SECRET$damaged")
	if !strings.Contains(text.String(), "algorithm=own ") || strings.Contains(text.String(), "SECRET") || !strings.Contains(text.String(), slog.LevelWarn.String()) {
		t.Errorf("logged %s", text)
	}
}

// TestRenamedBCrypt refuses a long password as Django's own name does.
func TestRenamedBCrypt(t *testing.T) {
	const entry = "accounts.hashers.Own"
	long := strings.Repeat("x", 73)
	for inner, ok := range map[string]bool{"": false, "unsalted_md5": true} {
		h := mustNew(t, Options{PasswordHashers: []string{entry},
			Parameters: map[string]Parameters{entry: Wrapped{Algorithm: "own", Inner: inner, Outer: BCrypt{4}}}})
		if _, err := h.Make(t.Context(), long); (err == nil) != ok {
			t.Errorf("inner %q: %v", inner, err)
		}
	}
}
