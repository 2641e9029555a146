package randomstring_test

import (
	"testing"

	"github.com/djsession/djsession/internal/randomstring"
)

// TestNewIsFair: every letter comes up, none far too often.
func TestNewIsFair(t *testing.T) {
	const length = 62_000
	count := map[rune]int{}
	for _, letter := range randomstring.New(length) {
		count[letter]++
	}
	if len(count) != len(randomstring.Chars) {
		t.Errorf("%d letters", len(count))
	}
	for letter, n := range count {
		if n < 800 || n > 1200 { // more than six standard deviations from 1,000
			t.Errorf("%c comes up %d times in %d", letter, n, length)
		}
	}
}
