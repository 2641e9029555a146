package signing

import (
	"strings"
	"sync"
	"testing"
)

// slow is read for as long as its test wants.
type slow struct{ reading, done chan struct{} }

func (s slow) UnmarshalJSON([]byte) error {
	s.reading <- struct{}{}
	<-s.done
	return nil
}

// However long the caller's code takes to read a large object, others go on.
func TestCallersCodeDelaysNobody(t *testing.T) {
	s := timestampSigner(t, Options{})
	sign := func(v string) string {
		signed, err := s.SignObject(v, true)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	huge := sign(strings.Repeat("x", DefaultMaxInflated-2))
	readers := slow{make(chan struct{}), make(chan struct{})}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if err := s.UnsignObject(huge, &readers); err != nil {
				t.Error(err)
			}
		})
	}
	for range 10 {
		<-readers.reading // all at once
	}
	for _, size := range []int{64 << 10, 256 << 10, DefaultMaxInflated - 2} {
		var text string
		if err := s.UnsignObject(sign(strings.Repeat("x", size)), &text); err != nil || len(text) != size {
			t.Errorf("%d bytes: %d bytes, %v", size, len(text), err)
		}
	}
	close(readers.done)
	all.Wait()
}
