package compat

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/internal/testenv"
)

const password = "pässwörd 🔑"

// TestPasswords: Django's hashes match in Go, Go's hashes match in Django and are not
// replaced, and both find the same hashes outdated.
func TestPasswords(t *testing.T) {
	t.Parallel()
	djangos := testenv.Djangos(t)
	hash := filepath.Join(t.TempDir(), "hash")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", hash, "./hash").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, version := range slices.Backward(djangos) { // the newest takes longest
		t.Run(version.Name, func(t *testing.T) {
			t.Parallel()
			w := version.Start(t, testenv.Config{Settings: map[string]any{"SECRET_KEY": secret}})
			classes := testenv.Ask[map[string]string](t, w, "hasher_classes", testenv.Args{})
			t.Run("of its own cost", func(t *testing.T) { ofOwnCost(t, w, classes, hash) })
			t.Run("cheap", func(t *testing.T) { cheapOnes(t, w, classes) })
		})
	}
}

// checked is the result of Django's check_password.
type checked struct {
	OK      bool   `json:"ok"`
	Updates bool   `json:"updates"`
	Raises  string `json:"raises"`
}

// ofOwnCost: Django finds Go's hashes with the parameters of this Django current, in each
// Django that changed them. With the newest one Go also checks Django's hashes.
func ofOwnCost(t *testing.T, w *testenv.Worker, classes map[string]string, hash string) {
	newest := isNewest(t, w.Django)
	for algorithm, changed := range map[string][]string{
		"pbkdf2_sha256": {w.Django.Name}, // with each
		"argon2":        {oldest, "3.2"},
		"scrypt":        {"4.2", "5.2"},
		"bcrypt_sha256": nil,
	} {
		if !newest && !slices.Contains(changed, w.Django.Name) {
			continue
		}
		path := classes[algorithm]
		settings := map[string]any{"PASSWORD_HASHERS": []string{path}}
		task := map[string]string{"Django": w.Django.Name, "Hasher": path, "Password": password}
		tasks := []map[string]string{task}
		if newest {
			theirs := testenv.Ask[[]string](t, w, "make_passwords", testenv.Args{"settings": settings, "passwords": [][2]string{{algorithm, password}}})
			check := maps.Clone(task)
			check["Encoded"] = theirs[0]
			tasks = append(tasks, check)
		}
		results := runHash(t, hash, tasks)
		got := testenv.Ask[[]checked](t, w, "check_passwords", testenv.Args{"settings": settings, "checks": [][2]string{{password, results[0]}}})
		if got[0] != (checked{OK: true}) {
			t.Errorf("%s: Django says of Go's hash %+v", algorithm, got[0])
		}
		if newest && results[1] != "true" {
			t.Errorf("%s: Go does not take Django's hash", algorithm)
		}
	}
}

func runHash(t *testing.T, hash string, tasks []map[string]string) (results []string) {
	t.Helper()
	input, err := json.Marshal(tasks)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), hash)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), t.Output()
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(output, &results); err != nil {
		t.Fatal(err)
	}
	return results
}

// cheapHashers are the hashers in python/accounts/hashers.py.
var cheapHashers = map[string]struct {
	path       string
	parameters hashers.Parameters
}{
	"pbkdf2_sha256": {cheapHasher, cheapParameters},
	"pbkdf2_sha1":   {"accounts.hashers.PBKDF2SHA1", hashers.PBKDF2SHA1{Iterations: 1000}},
	"argon2":        {"accounts.hashers.Argon2", hashers.Argon2{TimeCost: 1, MemoryCost: 64, Parallelism: 2}},
	"bcrypt_sha256": {"accounts.hashers.BCryptSHA256", hashers.BCryptSHA256{Rounds: 4}},
	"bcrypt":        {"accounts.hashers.BCrypt", hashers.BCrypt{Rounds: 4}},
	"scrypt":        {"accounts.hashers.Scrypt", hashers.Scrypt{WorkFactor: 16, BlockSize: 4, Parallelism: 2}},
}

// cheapOnes: with each hasher preferred, each side accepts the other's hashes, and both
// would replace the same ones.
func cheapOnes(t *testing.T, w *testenv.Worker, classes map[string]string) {
	stored := storedHashes(t, w, classes)
	updates := 0
	for _, algorithm := range slices.Sorted(maps.Keys(classes)) {
		own, cheap := cheapHashers[algorithm]
		if !cheap {
			own.path = classes[algorithm]
		}
		entries := []string{own.path}
		for other, path := range classes {
			if other != algorithm {
				entries = append(entries, path)
			}
		}
		o := hashers.Options{DjangoVersion: w.Django.Name, PasswordHashers: entries}
		if cheap {
			o.Parameters = map[string]hashers.Parameters{own.path: own.parameters}
		}
		h, err := hashers.New(o)
		if err != nil {
			t.Fatal(err)
		}
		settings := map[string]any{"PASSWORD_HASHERS": entries}
		// bcrypt is slow under the race detector.
		hashes := slices.DeleteFunc(slices.Clone(stored), func(one storedHash) bool {
			return strings.HasPrefix(one.name, "bcrypt") && !strings.HasPrefix(one.name, algorithm+" ")
		})
		theirs := testenv.Ask[[]string](t, w, "make_passwords", testenv.Args{"settings": settings, "passwords": [][2]string{{algorithm, password}}})[0]
		ours, err := h.Make(t.Context(), password)
		if err != nil {
			t.Fatal(err)
		}
		if shape(ours) != shape(theirs) {
			t.Errorf("%s: Go's hash is of the shape %s, Django's %s", algorithm, shape(ours), shape(theirs))
		}
		hashes = append(hashes, storedHash{"Go's own", ours}, storedHash{"Django's own", theirs})
		var checks [][2]string
		for _, one := range hashes {
			checks = append(checks, [2]string{password, one.encoded})
		}
		checks = append(checks, [2]string{password[1:], ours})
		hashes = append(hashes, storedHash{"another password", ours})
		for i, judged := range testenv.Ask[[]checked](t, w, "check_passwords", testenv.Args{"settings": settings, "checks": checks}) {
			name := hashes[i].name
			got, err := h.Check(t.Context(), checks[i][0], checks[i][1])
			if err != nil || judged.Raises != "" || judged.OK != (i < len(hashes)-1) || got.OK != judged.OK {
				t.Errorf("%s preferred, %s: Go says %+v (%v), Django %+v", algorithm, name, got, err, judged)
			}
			if judged.Updates && strings.HasSuffix(name, "own") {
				t.Errorf("%s: Django hashes %s anew", algorithm, name)
			}
			// Unless parameters are set, Go replaces no hash.
			if got.MustUpdate != (cheap && judged.Updates) {
				t.Errorf("%s preferred, %s: MustUpdate %t, Django %t", algorithm, name, got.MustUpdate, judged.Updates)
			}
			if judged.Updates {
				updates++
			}
		}
	}
	if updates == 0 {
		t.Error("Django would hash nothing anew: nothing was compared")
	}
}

// shape returns a hash without its random parts.
func shape(encoded string) string {
	fields := strings.Split(encoded, "$")
	for i, field := range fields {
		if len(field) > 11 && !strings.ContainsAny(field, ",_") {
			fields[i] = fmt.Sprintf("<%d>", len(field))
		}
	}
	return strings.Join(fields, "$")
}

type storedHash struct{ name, encoded string }

// storedHashes returns Go's hashes of one password with various parameters.
func storedHashes(t *testing.T, w *testenv.Worker, classes map[string]string) []storedHash {
	t.Helper()
	var all []storedHash
	for _, p := range []struct {
		algorithm  string
		parameters hashers.Parameters
	}{
		{"pbkdf2_sha256", hashers.PBKDF2SHA256{Iterations: 1000}},
		{"pbkdf2_sha256", hashers.PBKDF2SHA256{Iterations: 999}},
		{"pbkdf2_sha256", hashers.PBKDF2SHA256{Iterations: 1001}},
		{"pbkdf2_sha1", hashers.PBKDF2SHA1{Iterations: 1000}},
		{"pbkdf2_sha1", hashers.PBKDF2SHA1{Iterations: 30}},
		{"argon2", hashers.Argon2{TimeCost: 1, MemoryCost: 64, Parallelism: 2}},
		{"argon2", hashers.Argon2{TimeCost: 2, MemoryCost: 64, Parallelism: 2}},
		{"argon2", hashers.Argon2{TimeCost: 1, MemoryCost: 72, Parallelism: 2}},
		{"argon2", hashers.Argon2{TimeCost: 1, MemoryCost: 64, Parallelism: 1}},
		{"bcrypt_sha256", hashers.BCryptSHA256{Rounds: 5}},
		{"bcrypt", hashers.BCrypt{Rounds: 5}},
		{"scrypt", hashers.Scrypt{WorkFactor: 16, BlockSize: 4, Parallelism: 2}},
		{"scrypt", hashers.Scrypt{WorkFactor: 32, BlockSize: 4, Parallelism: 2}},
		{"scrypt", hashers.Scrypt{WorkFactor: 16, BlockSize: 5, Parallelism: 2}},
		{"scrypt", hashers.Scrypt{WorkFactor: 16, BlockSize: 4, Parallelism: 1}},
		{"md5", nil}, {"sha1", nil}, {"unsalted_md5", nil}, {"unsalted_sha1", nil},
	} {
		if classes[p.algorithm] == "" {
			continue
		}
		o := hashers.Options{DjangoVersion: w.Django.Name, PasswordHashers: []string{p.algorithm}}
		if p.parameters != nil {
			o.Parameters = map[string]hashers.Parameters{p.algorithm: p.parameters}
		}
		h, err := hashers.New(o)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := h.Make(t.Context(), password)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, storedHash{fmt.Sprintf("%s %+v", p.algorithm, p.parameters), encoded})
	}
	for _, salt := range []string{"short", strings.Repeat("s", 21), strings.Repeat("s", 22), "ümläut", strings.Repeat("ü", 22)} {
		digest, err := pbkdf2.Key(sha256.New, password, []byte(salt), 1000, sha256.Size)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, storedHash{"pbkdf2_sha256 with the salt " + salt, "pbkdf2_sha256$1000$" + salt + "$" + base64.StdEncoding.EncodeToString(digest)})
	}
	return all
}
