package hashers

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestMake makes a hash of each algorithm in the form of each version, and checks it.
func TestMake(t *testing.T) {
	salt := map[bool]string{false: "[a-zA-Z0-9]{12}", true: "[a-zA-Z0-9]{22}"}
	argon2Salt := map[bool]string{false: "[a-zA-Z0-9+/]{16}", true: "[a-zA-Z0-9+/]{30}"}
	variety := map[bool]string{false: "argon2i", true: "argon2id"}
	for _, version := range []string{"2.2", "3.1", "3.2", "6.1"} {
		sound := version != "2.2" && version != "3.1"
		for algorithm, want := range map[string]string{
			"pbkdf2_sha256": `pbkdf2_sha256\$10\$` + salt[sound] + `\$[a-zA-Z0-9+/]{43}=`,
			"pbkdf2_sha1":   `pbkdf2_sha1\$10\$` + salt[sound] + `\$[a-zA-Z0-9+/]{27}=`,
			"argon2":        `argon2\$` + variety[sound] + `\$v=19\$m=16,t=1,p=1\$` + argon2Salt[sound] + `\$[a-zA-Z0-9+/]{43}`,
			"bcrypt_sha256": `bcrypt_sha256\$\$2b\$04\$[a-zA-Z0-9./]{53}`,
			"bcrypt":        `bcrypt\$\$2b\$04\$[a-zA-Z0-9./]{53}`,
			"scrypt":        `scrypt\$2\$` + salt[sound] + `\$1\$1\$[a-zA-Z0-9+/]{86}==`,
			"md5":           `md5\$` + salt[sound] + `\$[0-9a-f]{32}`,
			"sha1":          `sha1\$` + salt[sound] + `\$[0-9a-f]{40}`,
			"unsalted_md5":  `[0-9a-f]{32}`,
			"unsalted_sha1": `sha1\$\$[0-9a-f]{40}`,
		} {
			h, err := New(preferring(algorithm, version))
			if err != nil {
				continue // not every version makes every algorithm
			}
			for _, password := range []string{testPassword, "", "naïve café 東京 😀", strings.Repeat("x", 72)} {
				encoded := mustMake(t, h, password)
				if !regexp.MustCompile("^" + want + "$").MatchString(encoded) {
					t.Errorf("%s, %s: %s", version, algorithm, encoded)
				}
				if utf8.RuneCountInString(encoded) > 128 {
					t.Errorf("%s, %s: %d characters", version, algorithm, len(encoded))
				}
				if got := check(t, h, password, encoded); got != (Result{OK: true}) {
					t.Errorf("%s, %s: %q: %+v", version, algorithm, password, got)
				}
				if got := check(t, h, password+".", encoded); got.OK && algorithm != "bcrypt" {
					t.Errorf("%s, %s: %q matches with more after it", version, algorithm, password)
				}
				if again := mustMake(t, h, password); again == encoded != strings.HasPrefix(algorithm, "unsalted") {
					t.Errorf("%s, %s: the salt is the same", version, algorithm)
				}
			}
		}
	}
}

// TestDefaultParameters are those of every feature release.
func TestDefaultParameters(t *testing.T) {
	const salt, digest = "012345678901234567890A", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	const oldArgon2 = "argon2$argon2i$v=19$m=512,t=2,p=2$" + salt + "$" + digest
	const newArgon2 = "argon2$argon2id$v=19$m=102400,t=2,p=8$" + "01234567" + salt + "$" + digest
	for _, tt := range []struct {
		version     string
		iterations  int
		argon2      string
		parallelism int // of scrypt
	}{
		{"2.2", 150_000, oldArgon2, 0},
		{"3.0", 180_000, oldArgon2, 0},
		{"3.1", 216_000, oldArgon2, 0},
		{"3.2", 260_000, newArgon2, 0},
		{"4.0", 320_000, newArgon2, 1},
		{"4.1", 390_000, newArgon2, 1},
		{"4.2", 600_000, newArgon2, 1},
		{"5.0", 720_000, newArgon2, 1},
		{"5.1", 870_000, newArgon2, 5},
		{"5.2", 1_000_000, newArgon2, 5},
		{"6.0", 1_200_000, newArgon2, 5},
		{"6.1", 1_500_000, newArgon2, 5},
		{"", 1_500_000, newArgon2, 5},
		{"7.0", 1_500_000, newArgon2, 5},
	} {
		h := mustNew(t, Options{DjangoVersion: tt.version, PasswordHashers: All()})
		current := []string{
			fmt.Sprintf("pbkdf2_sha256$%d$%s$x", tt.iterations, salt), fmt.Sprintf("pbkdf2_sha1$%d$%s$x", tt.iterations, salt),
			tt.argon2, "bcrypt$$2b$12$" + bcryptDigits, "bcrypt_sha256$$2b$12$" + bcryptDigits,
		}
		outdated := []string{
			fmt.Sprintf("pbkdf2_sha256$%d$%s$x", tt.iterations+1, salt), fmt.Sprintf("pbkdf2_sha1$%d$%s$x", tt.iterations-1, salt),
			strings.Replace(tt.argon2, "t=2", "t=1", 1), "bcrypt$$2b$11$" + bcryptDigits, "bcrypt_sha256$$2b$13$" + bcryptDigits,
		}
		if tt.parallelism != 0 {
			current = append(current, fmt.Sprintf("scrypt$16384$%s$8$%d$x", salt, tt.parallelism))
			outdated = append(outdated, fmt.Sprintf("scrypt$16384$%s$8$%d$x", salt, tt.parallelism+1))
		}
		if tt.argon2 == newArgon2 {
			outdated = append(outdated, newArgon2[:len(newArgon2)-3])
		}
		for want, hashes := range map[bool][]string{false: current, true: outdated} {
			for _, encoded := range hashes {
				if _, hash := h.decode(t.Context(), encoded); hash == nil || hash.outdated != want {
					t.Errorf("%s: %s: %+v", tt.version, encoded, hash)
				}
			}
		}
	}
}

func TestMakeRefuses(t *testing.T) {
	long := strings.Repeat("x", 73)
	for _, tt := range []struct{ algorithm, password string }{
		{"md5", "a\x00b"},
		{"md5", "caf\xe9"},
		{"md5", strings.Repeat("x", maxPasswordLength+1)},
		{"bcrypt", long},
	} {
		h := mustNew(t, preferring(tt.algorithm, ""))
		if encoded, err := h.Make(t.Context(), tt.password); !errors.Is(err, ErrPassword) || encoded != "" {
			t.Errorf("%s: %.10q: %q, %v", tt.algorithm, tt.password, encoded, err)
		}
	}
	for _, algorithm := range All()[:7] {
		if algorithm == "bcrypt" {
			continue
		}
		h := mustNew(t, preferring(algorithm, ""))
		if encoded := mustMake(t, h, long); !check(t, h, long, encoded).OK || check(t, h, long[1:], encoded).OK {
			t.Errorf("%s does not look at all of a long password", algorithm)
		}
	}
}

func TestUnusable(t *testing.T) {
	h := mustNew(t, preferring("md5", ""))
	seen := map[string]bool{}
	for range 20 {
		encoded := Unusable()
		if !regexp.MustCompile(`^![a-zA-Z0-9]{40}$`).MatchString(encoded) || IsUsable(encoded) || seen[encoded] {
			t.Errorf("%q", encoded)
		}
		seen[encoded] = true
		if check(t, h, encoded, encoded).OK || check(t, h, "", encoded).OK || check(t, h, encoded[1:], encoded).OK {
			t.Error("an unusable password matches")
		}
	}
	good := mustMake(t, h, testPassword)
	if !IsUsable(good) || !IsUsable("") || IsUsable("!") || IsUsable("!"+good) {
		t.Error("what is usable is what does not start with an exclamation mark")
	}
	if check(t, h, testPassword, "!"+good).OK {
		t.Error("a good hash that was made unusable matches")
	}
}
