package csrf

import (
	"io"
	"strings"
	"testing"
)

// reads counts the calls of Read.
type reads struct {
	io.Reader
	n int
}

func (r *reads) Read(p []byte) (int, error) {
	r.n++
	return r.Reader.Read(p)
}

// The buffer is refilled when it holds no separator, not for every part.
func TestPartsAreReadInLargePieces(t *testing.T) {
	const size = 2 << 20
	for name, part := range map[string]string{
		"empty":            "--b",
		"short":            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n",
		"half a separator": "--b-\n-",
		"half a buffer":    "--b" + strings.Repeat("x", 32<<10),
		"almost a buffer":  "--b" + strings.Repeat("x", 60<<10),
		"a buffer":         "--b" + strings.Repeat("x", maxPart-3),
		"two buffers":      "--b" + strings.Repeat("x", 2*maxPart),
	} {
		body := &reads{Reader: strings.NewReader(strings.Repeat(part, size/len(part)))}
		parts := newPartScanner(body, "b")
		n := 0
		for parts.Scan() {
			n++
		}
		if err := parts.Err(); err != nil {
			t.Fatal(err)
		}
		if want := size / len(part); n != want && n != want+1 {
			t.Errorf("%s: %d parts, want %d", name, n, want)
		}
		if limit := 4 * size / maxPart; body.n > limit {
			t.Errorf("%s: %d reads for %d parts, want at most %d", name, body.n, n, limit)
		}
	}
}
