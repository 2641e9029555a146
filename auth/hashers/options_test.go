package hashers

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestNewRefuses(t *testing.T) {
	const own = "shop.hashers.SlowHasher"
	beyondInt32 := math.MaxInt32
	beyondInt32++
	with := func(p Parameters) Options {
		return Options{PasswordHashers: []string{own}, Parameters: map[string]Parameters{own: p}}
	}
	for name, tt := range map[string]struct {
		o    Options
		says string
	}{
		"no version":               {Options{DjangoVersion: "new"}, "DjangoVersion"},
		"too old":                  {Options{DjangoVersion: "1.11"}, "2.2"},
		"negative bound":           {Options{Concurrent: -1}, "Concurrent"},
		"negative queue":           {Options{Queue: -1}, "Queue"},
		"no hashers":               {Options{PasswordHashers: []string{}}, "PASSWORD_HASHERS must not be empty"},
		"empty entry":              {Options{PasswordHashers: []string{""}}, "not Django's own"},
		"a site's own":             {Options{PasswordHashers: []string{"argon2", own}}, "describe it in Parameters"},
		"crypt":                    {Options{PasswordHashers: []string{"django.contrib.auth.hashers.CryptPasswordHasher"}}, "not Django's own"},
		"scrypt before 4.0":        {Options{DjangoVersion: "3.2", PasswordHashers: []string{"scrypt"}}, "added in 4.0"},
		"own scrypt before 4.0":    {Options{DjangoVersion: "3.2", PasswordHashers: []string{own}, Parameters: map[string]Parameters{own: Scrypt{}}}, "added in 4.0"},
		"sha1 after 5.0":           {Options{DjangoVersion: "5.1", PasswordHashers: []string{"sha1"}}, "removed in 5.1"},
		"unused parameters":        {Options{PasswordHashers: []string{"argon2"}, Parameters: map[string]Parameters{"scrypt": Scrypt{}}}, `"scrypt", which is not in PASSWORD_HASHERS`},
		"parameters of nothing":    {Options{Parameters: map[string]Parameters{"": Scrypt{}}}, "not in PASSWORD_HASHERS"},
		"parameters twice":         {Options{PasswordHashers: []string{"django.contrib.auth.hashers.BCryptPasswordHasher"}, Parameters: map[string]Parameters{"bcrypt": BCrypt{}, "django.contrib.auth.hashers.BCryptPasswordHasher": BCrypt{}}}, "not in PASSWORD_HASHERS"},
		"another's parameters":     {Options{PasswordHashers: []string{"argon2"}, Parameters: map[string]Parameters{"argon2": BCrypt{}}}, "those of bcrypt"},
		"nil parameters":           {with(nil), "nil"},
		"negative iterations":      {with(PBKDF2SHA256{-1}), "Iterations"},
		"iterations beyond Python": {with(PBKDF2SHA1{beyondInt32}), "Iterations"},
		"few rounds":               {with(BCrypt{3}), "Rounds"},
		"many rounds":              {with(BCryptSHA256{32}), "Rounds"},
		"negative time":            {with(Argon2{TimeCost: -1}), "TimeCost"},
		"little memory":            {with(Argon2{MemoryCost: 63}), "MemoryCost"},
		"negative memory":          {with(Argon2{MemoryCost: -1}), "MemoryCost"},
		"enormous work":            {with(Argon2{TimeCost: math.MaxInt32}), "TimeCost"},
		"many threads":             {with(Argon2{Parallelism: 256}), "Parallelism"},
		"negative threads":         {with(Argon2{Parallelism: -1}), "Parallelism"},
		"short digest":             {with(Argon2{HashLen: 3}), "HashLen"},
		"long digest":              {with(Argon2{HashLen: 1000}), "HashLen"},
		"no power of two":          {with(Scrypt{WorkFactor: 100}), "WorkFactor"},
		"beyond OpenSSL's memory":  {with(Scrypt{WorkFactor: 1 << 15}), "MaxMem"},
		"beyond MaxMem":            {with(Scrypt{MaxMem: 1 << 20}), "MaxMem"},
		"MaxMem beyond Python":     {with(Scrypt{MaxMem: beyondInt32}), "MaxMem"},
		"negative block size":      {with(Scrypt{BlockSize: -8}), "BlockSize"},
		"small blocks":             {with(Scrypt{WorkFactor: 1 << 16, BlockSize: 1}), "WorkFactor"},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := New(tt.o)
			if err == nil || h != nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, %v; want an error with %q", h, err, tt.says)
			}
		})
	}
}

func TestNewTakes(t *testing.T) {
	const own = "shop.hashers.SlowHasher"
	for name, tt := range map[string]struct {
		o         Options
		preferred string
		updates   bool
	}{
		"nothing":               {Options{}, "pbkdf2_sha256", false},
		"a patch release":       {Options{DjangoVersion: "4.2.28"}, "pbkdf2_sha256", false},
		"the future":            {Options{DjangoVersion: "9.0"}, "pbkdf2_sha256", false},
		"a path":                {Options{PasswordHashers: []string{"django.contrib.auth.hashers.Argon2PasswordHasher"}}, "argon2", false},
		"a name":                {Options{PasswordHashers: []string{"bcrypt_sha256"}}, "bcrypt_sha256", false},
		"all":                   {Options{DjangoVersion: "2.2", PasswordHashers: All()}, "pbkdf2_sha256", false},
		"old ones, not first":   {Options{PasswordHashers: []string{"argon2", "sha1", "unsalted_md5"}}, "argon2", false},
		"own":                   {Options{PasswordHashers: []string{own}, Parameters: map[string]Parameters{own: Argon2{MemoryCost: 1 << 21}}}, "argon2", true},
		"own and Django's":      {Options{PasswordHashers: []string{own, "pbkdf2_sha256"}, Parameters: map[string]Parameters{own: PBKDF2SHA256{Iterations: 7}}}, "pbkdf2_sha256", true},
		"parameters by name":    {Options{PasswordHashers: []string{"django.contrib.auth.hashers.ScryptPasswordHasher"}, Parameters: map[string]Parameters{"scrypt": Scrypt{}}}, "scrypt", true},
		"parameters by path":    {Options{PasswordHashers: []string{"bcrypt"}, Parameters: map[string]Parameters{"django.contrib.auth.hashers.BCryptPasswordHasher": BCrypt{5}}}, "bcrypt", true},
		"parameters of default": {Options{Parameters: map[string]Parameters{"pbkdf2_sha256": PBKDF2SHA256{}}}, "pbkdf2_sha256", true},
		"parameters of another": {Options{Parameters: map[string]Parameters{"argon2": Argon2{TimeCost: 3}}}, "pbkdf2_sha256", false},
		"more memory":           {Options{PasswordHashers: []string{own}, Parameters: map[string]Parameters{own: Scrypt{WorkFactor: 1 << 17, MaxMem: 1 << 28}}}, "scrypt", true},
	} {
		t.Run(name, func(t *testing.T) {
			h := mustNew(t, tt.o)
			if h.preferred != tt.preferred || h.updates != tt.updates {
				t.Errorf("preferred is %s, hashes anew: %v; want %s, %v", h.preferred, h.updates, tt.preferred, tt.updates)
			}
		})
	}
}

// TestOwnClassGoesFirst: of a site's subclass and Django's own class, the first makes new
// hashes and says which are outdated.
func TestOwnClassGoesFirst(t *testing.T) {
	const own = "shop.hashers.SlowHasher"
	h := mustNew(t, Options{PasswordHashers: []string{own, "django.contrib.auth.hashers.PBKDF2PasswordHasher"},
		Parameters: map[string]Parameters{own: PBKDF2SHA256{Iterations: 7}}})
	encoded := mustMake(t, h, testPassword)
	if !strings.HasPrefix(encoded, "pbkdf2_sha256$7$") {
		t.Errorf("made %s", encoded)
	}
	if got := check(t, h, testPassword, encoded); got != (Result{OK: true}) {
		t.Errorf("%+v", got)
	}
}

func TestAll(t *testing.T) {
	want := strings.Fields("pbkdf2_sha256 pbkdf2_sha1 argon2 bcrypt_sha256 bcrypt scrypt md5 sha1 unsalted_md5 unsalted_sha1")
	if got := All(); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	All()[0] = "changed"
	if All()[0] != "pbkdf2_sha256" {
		t.Error("a caller can change the list")
	}
}
