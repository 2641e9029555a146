//go:build !race

// Under the race detector slices.Grow allocates twice.

package pybase64

import (
	"bytes"
	"encoding/base64"
	"testing"
)

func TestAppendURLAllocatesOnlyTheResult(t *testing.T) {
	text := base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte("session"), 100))
	buffer := make([]byte, 0, base64.StdEncoding.DecodedLen(len(text)+3))
	if n := testing.AllocsPerRun(100, func() {
		if _, err := AppendURL(buffer, text); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations into a buffer that is large enough, want 0", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		if _, err := AppendURL(nil, text); err != nil {
			t.Error(err)
		}
	}); n != 1 {
		t.Errorf("%v allocations, want 1", n)
	}
}
