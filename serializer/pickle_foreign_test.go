package serializer_test

import (
	"testing"

	"github.com/djsession/djsession/serializer"
)

// TestPicklesOfOtherWriters: what Python reads otherwise than by its usual form is read as Python does, or refused.
func TestPicklesOfOtherWriters(t *testing.T) {
	for name, tt := range map[string]struct{ pickle, want string }{
		"NaN in digits":          {"(dS'a'\nFnan\ns.", `{"a":NaN}`},
		"a number after a gap":   {"\x80\x04}\x8c\x01aq\x05]\x94h\x01as.", ""}, // number 1 is the list itself, not JSON
		"octal":                  {"(dS'a'\nI010\ns.", "refused"},
		"True with a sign":       {"(dS'a'\nI+1\ns.", "refused"},
		"False with a sign":      {"(dS'a'\nI-0\ns.", "refused"},
		"a session in a session": {"\x80\x04}\x94\x8c\x01a](h\x00es.", "refused"},
		// namedtuples and tuples in a list of theirs, which Python writes twice and pops once
		"a namedtuple in its list": {"\x80\x04}\x8c\x01a\x8c\x04site\x8c\x01P\x93\x94]\x94h\x00h\x01K\x01\x86\x81\x94aK\x01\x86\x810h\x02s.", ""},
		"a tuple in its list":      {"\x80\x04}\x8c\x01a]\x94(h\x00\x85\x94h\x01\x85e0h\x01s.", ""},
	} {
		d, err := serializer.Pickle.Loads([]byte(tt.pickle))
		if (err != nil) != (tt.want == "refused") {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		v, _ := d.Get("a")
		if tt.want == "" {
			if v.Format() != serializer.FormatPickle {
				t.Errorf("%s is %q", name, v.Bytes())
			}
		} else if text, err := serializer.JSON.Dumps(d); err != nil || string(text) != tt.want {
			t.Errorf("%s is %s, %v", name, text, err)
		}
	}
}
