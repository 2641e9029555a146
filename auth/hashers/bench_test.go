package hashers

import (
	"testing"

	"github.com/djsession/djsession/internal/djversion"
)

// BenchmarkCheck checks a password with each hasher that the newest Django has by default,
// at its default cost.
func BenchmarkCheck(b *testing.B) {
	for _, algorithm := range defaultHashers(djversion.Newest) {
		b.Run(algorithm, func(b *testing.B) { benchmarkCheck(b, algorithm, "") })
	}
}

// BenchmarkCheckOldArgon2 is as Django before 3.2 made them.
func BenchmarkCheckOldArgon2(b *testing.B) { benchmarkCheck(b, "argon2", "3.1") }

// BenchmarkCheckMD5 shows what is not the hash itself.
func BenchmarkCheckMD5(b *testing.B) { benchmarkCheck(b, "md5", "") }

func benchmarkCheck(b *testing.B, algorithm, version string) {
	h := mustNew(b, Options{DjangoVersion: version, PasswordHashers: []string{algorithm}})
	encoded := mustMake(b, h, testPassword)
	b.ReportAllocs()
	for b.Loop() {
		if result, err := h.Check(b.Context(), testPassword, encoded); err != nil || !result.OK {
			b.Fatal(result, err)
		}
	}
}

func BenchmarkMake(b *testing.B) {
	h := mustNew(b, Options{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Make(b.Context(), testPassword); err != nil {
			b.Fatal(err)
		}
	}
}
