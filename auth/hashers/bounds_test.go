package hashers

import (
	"errors"
	"log/slog"
	"testing"
)

// TestAbsurdParametersCostNothing: they are refused before a hash starts.
func TestAbsurdParametersCostNothing(t *testing.T) {
	h := mustNew(t, preferring("md5", ""))
	const digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, encoded := range []string{
		"pbkdf2_sha256$10000001$salt$" + digest, "pbkdf2_sha1$2147483647$salt$" + digest, "pbkdf2_sha256$99999999999999999999999$salt$" + digest,
		"argon2$argon2id$v=19$m=1048577,t=1,p=1$" + digest + "$" + digest, "argon2$argon2id$v=19$m=1048576,t=3,p=1$" + digest + "$" + digest,
		"argon2$argon2i$v=19$m=8,t=4294967295,p=1$" + digest + "$" + digest, "argon2$argon2i$v=19$m=4294967295,t=1,p=1$" + digest + "$" + digest,
		"argon2$argon2id$v=19$m=99999,t=1,p=256$" + digest + "$" + digest, "argon2$argon2id$v=19$m=99999999999999999999,t=99999999999999999999,p=1$" + digest + "$" + digest,
		"bcrypt$$2b$17$" + bcryptDigits, "bcrypt_sha256$$2b$31$" + bcryptDigits,
		"scrypt$32768$salt$8$1$" + digest, "scrypt$16384$salt$8$81$" + digest, "scrypt$2$salt$1$99999999$" + digest, "scrypt$4611686018427387904$salt$4611686018427387904$4611686018427387904$" + digest,
		"scrypt$2$salt$131072$1$" + digest, "scrypt$65536$salt$1$1$" + digest, "scrypt$8192$salt$8$20000$" + digest,
	} {
		if check(t, h, testPassword, encoded).OK {
			t.Errorf("%s matches", encoded)
		}
		if _, kept := h.decode(t.Context(), encoded); kept != nil {
			t.Errorf("%s would be hashed", encoded)
		}
	}
}

// TestBoundsLeaveRoom: what is at the bounds is accepted.
func TestBoundsLeaveRoom(t *testing.T) {
	h := mustNew(t, preferring("md5", ""))
	const digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, encoded := range []string{
		"pbkdf2_sha256$10000000$salt$" + digest, "argon2$argon2id$v=19$m=1048576,t=2,p=255$" + digest + "$" + digest,
		"bcrypt$$2b$16$" + bcryptDigits, "scrypt$16384$salt$8$80$" + digest, "scrypt$16384$salt$15$1$" + digest,
	} {
		if _, kept := h.decode(t.Context(), encoded); kept == nil {
			t.Errorf("%s is refused", encoded)
		}
	}
}

// TestParametersRaiseTheBounds: the parameters of a site's own hasher are not absurd.
func TestParametersRaiseTheBounds(t *testing.T) {
	for _, tt := range []struct {
		parameters Parameters
		encoded    string
	}{
		{PBKDF2SHA256{defaultBounds.iterations + 1}, "pbkdf2_sha256$10000001$salt$digest"},
		{BCrypt{defaultBounds.rounds + 1}, "bcrypt$$2b$17$" + bcryptDigits},
		{Argon2{MemoryCost: defaultBounds.memoryCost + 1}, "argon2$argon2id$v=19$m=1048577,t=2,p=8$Zml4dHVyZXNmaXg$AAAAAAAA"},
		{Argon2{TimeCost: 64}, "argon2$argon2id$v=19$m=102400,t=64,p=8$Zml4dHVyZXNmaXg$AAAAAAAA"},
		{Scrypt{Parallelism: 81}, "scrypt$16384$salt$8$81$digest"},
		{Scrypt{MaxMem: 64 << 20}, "scrypt$32768$salt$8$5$digest"},
	} {
		algorithm := tt.parameters.algorithm()
		for _, set := range []bool{false, true} {
			o := Options{PasswordHashers: []string{algorithm}, Logger: slog.New(slog.DiscardHandler)}
			if set {
				o.Parameters = map[string]Parameters{algorithm: tt.parameters}
			}
			_, err := mustNew(t, o).first().decode(tt.encoded)
			if set != (err == nil) || err != nil && !errors.Is(err, errBeyondBounds) && !errors.Is(err, errScryptRefused) {
				t.Errorf("%s, parameters set: %v: %v", tt.encoded, set, err)
			}
		}
	}
}
