package serializer

import (
	"bytes"
	"testing"
	"time"
)

// FuzzPickle: no pickle makes the reader fail otherwise than with an error, and what is read is stable.
func FuzzPickle(f *testing.F) {
	for _, seed := range []string{
		"\x80\x04}\x8c\x01a]\x94(K\x01h\x00es.", "(dp0\nS'a'\n(I1\nF1.5\nL2L\nltp1\ns.", "\x80\x05\x95\x00\x00\x00\x00\x00\x00\x00\x00}\x8c\x01a\x96\x01\x00\x00\x00\x00\x00\x00\x00xs.",
		"\x80\x04}\x8c\x01a](N\x88\x89G@\x00\x00\x00\x00\x00\x00\x00J\xff\xff\xff\xff\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x00es.",
		"\x80\x04}\x8c\x01a(]\x94h\x00K\x01K\x02t\x94h\x00h\x01as.", "\x80\x04}\x8c\x01a\x8f(K\x01\x90(\x91\x86\x94s.",
		"\x80\x04}\x8c\x01a\x8c\x08datetime\x94h\x00\x93C\x0a\x07\xea\x01\x02\x03\x04\x05\x00\x00\x78\x85Rs.",
		"\x80\x04}\x8c\x01a\x8c\x04site\x8c\x01C\x93)}\x8c\x01xK\x01s\x92}\x8c\x01yNsbs.", "\x80\x02}X\x01\x00\x00\x00a(csite\nC\nK\x01os.", "}\x8c\x01a(isite\nC\ns.",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, p []byte) { checkPickle(t, p) })
}

// checkPickle reads a pickle and, if that can be, everything in it, and checks that it is written as it was read.
func checkPickle(t *testing.T, p []byte) (read bool) {
	d, err := Pickle.Loads(p)
	if err != nil {
		return false
	}
	for _, v := range d.All() {
		for _, into := range []any{new(any), new(map[string]Value), new(string), new(time.Time), new(map[int]bool), new([]byte), new([]Value)} {
			_ = v.Decode(into)
		}
	}
	written, err := Pickle.Dumps(d)
	if err != nil {
		t.Fatalf("cannot be written: %v", err)
	}
	again, err := Pickle.Loads(written)
	if err != nil {
		t.Fatalf("cannot be read again: %v", err)
	}
	rewritten, err := Pickle.Dumps(again)
	if err != nil || !bytes.Equal(rewritten, written) {
		t.Fatalf("written %q, then %q, %v", written, rewritten, err)
	}
	return true
}
