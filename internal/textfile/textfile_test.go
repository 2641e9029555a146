package textfile_test

import (
	"testing"

	"github.com/djsession/djsession/internal/textfile"
)

func TestUTF8(t *testing.T) {
	for name, tt := range map[string]struct{ content, want, err string }{
		"plain":                     {"a\né", "a\né", ""},
		"empty":                     {"", "", ""},
		"with a mark":               {"\xEF\xBB\xBFa", "a", ""},
		"UTF-16 little-endian":      {"\xFF\xFEa\x00\n\x00\xE9\x00\x3D\xD8\x00\xDE", "a\né\U0001F600", ""},
		"UTF-16 big-endian":         {"\xFE\xFF\x00a", "a", ""},
		"UTF-16 cut off":            {"\xFF\xFEa", "", "the text is UTF-16 and cut off"},
		"UTF-16 half a character":   {"\xFF\xFE\x3D\xD8", "", "line 1 is not UTF-16"},
		"UTF-16 reversed surrogate": {"\xFF\xFE\n\x00\x00\xDE\x3D\xD8", "", "line 2 is not UTF-16"},
		"UTF-16 without a mark":     {"a\x00", "", "line 1 holds a NUL byte: the file is not text in UTF-8"},
		"Latin-1":                   {"a\n\xE9", "", "line 2 is not UTF-8"},
		"a replacement character":   {"\uFFFD", "\uFFFD", ""},
	} {
		got, err := textfile.UTF8([]byte(tt.content))
		if string(got) != tt.want || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
