package payload

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/pyzlib"
)

// What Python inflates is inflated, up to the limit, and what is damaged is not.
func TestInflate(t *testing.T) {
	text := strings.Repeat("a session's data ", 1<<13)
	whole := pyzlib.AppendDeflated(nil, []byte(text))
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct {
		stream []byte
		max    int
		want   error
	}{
		"whole":         {whole, len(text), nil},
		"more follows":  {append(bytes.Clone(whole), "junk"...), len(text), nil},
		"one too many":  {whole, len(text) - 1, ErrTooLarge},
		"much too many": {whole, 10, ErrTooLarge},
		"cut off":       {whole[:len(whole)-1], len(text), pyzlib.ErrZlib},
		"checksum":      {flipped, len(text), pyzlib.ErrZlib},
		"dictionary":    {append([]byte{0x78, 0xbb}, whole[2:]...), len(text), pyzlib.ErrZlib},
		"none":          {nil, len(text), pyzlib.ErrZlib},
		"no stream":     {[]byte("not compressed"), len(text), pyzlib.ErrZlib},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Inflate(t.Context(), c.stream, c.max)
			if !errors.Is(err, c.want) || err == nil && string(got) != text {
				t.Errorf("%d bytes, %v, want %v", len(got), err, c.want)
			}
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Inflate(ended, whole, len(text)); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
