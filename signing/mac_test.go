package signing

import "testing"

func TestMAC(t *testing.T) {
	for algorithm, size := range map[Algorithm]int{SHA1: 20, SHA256: 32, SHA384: 48, SHA512: 64} {
		m, err := NewMAC("salt", "secret", algorithm)
		if err != nil {
			t.Fatal(err)
		}
		want, err := SaltedHMAC("salt", "value", "secret", algorithm)
		if err != nil || len(want) != size {
			t.Errorf("%s: %d bytes, %v; want %d", algorithm, len(want), err, size)
		}
		for range 3 {
			if got := m.AppendSum([]byte("before"), "value"); string(got) != "before"+string(want) {
				t.Errorf("%s: %x", algorithm, got)
			}
		}
	}
}
