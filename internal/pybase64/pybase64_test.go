package pybase64

import (
	"bytes"
	"encoding/base64"
	"errors"
	"testing"
)

// The expected results were read off CPython 3.8 and 3.13, which agree.
func TestAppendURL(t *testing.T) {
	tests := []struct {
		text, want string
		corrupt    bool
	}{
		{text: "", want: ""},
		{text: "aGVsbG8", want: "hello"},
		{text: "aGVsbG8=", want: "hello"},
		{text: "-_-_", want: "\xfb\xff\xbf"},
		{text: "+/-_", want: "\xfb\xff\xbf"},
		{text: "a", corrupt: true},
		{text: "ab", want: "i"},
		{text: "ab\r\ncd", want: "i\xb7\x1d"},
		{text: "ab\ncd", want: "i\xb7\x1d"},
		{text: "abc\n", corrupt: true}, // the line break counts, so no padding is added
		{text: "abcde", corrupt: true},
		{text: "ab=c", corrupt: true},
		{text: "a=b", corrupt: true},
		{text: "a=bc", corrupt: true},
		{text: "ab==cd", want: "i"},
		{text: "ab=cd", want: "i\xb7\x1d"},
		{text: "abc=defg", want: "i\xb7"},
		{text: "====", want: ""},
		{text: "a===", corrupt: true},
		{text: "a!b", corrupt: true},
		{text: "YQ!=!=YWJj", want: "a"},
		{text: "YQ=a=", want: "a\x06"},
		{text: "YQ=YQYQ=", corrupt: true},
		{text: "YQ=YQYQ==", want: "a\x06\x10a"},
		{text: "abc\r", corrupt: true},
		{text: "YQ\u00e9YQ", want: "a\x06\x10"},
		{text: "ab\x00\xffcd", want: "i\xb7\x1d"},
		{text: "abcd\x00\xff", want: "i\xb7\x1d"},
	}
	for _, tt := range tests {
		check(t, AppendURL, tt.text, tt.want, tt.corrupt)
	}
}

func TestAppendStd(t *testing.T) {
	tests := []struct {
		text, want string
		corrupt    bool
	}{
		{text: "", want: ""},
		{text: "aGVsbG8=", want: "hello"},
		{text: "aGVsbG8", corrupt: true},
		{text: "aGVs\nbG8=\n", want: "hello"},
		{text: "+/+/", want: "\xfb\xff\xbf"},
		{text: "-+_/+/", want: "\xfb\xff\xbf"},
		{text: "-_-_", want: ""},
		{text: "YQ==YQ==", want: "a"},
		{text: "YQ=", corrupt: true},
		{text: "YQ=Y=Q=", want: "a\x06"},
		{text: "YQ=Y==", want: "a\x06"},
		{text: "YQ=Y", corrupt: true},
	}
	for _, tt := range tests {
		check(t, AppendStd, tt.text, tt.want, tt.corrupt)
	}
}

func check(t *testing.T, decode func([]byte, string) ([]byte, error), text, want string, corrupt bool) {
	t.Helper()
	got, err := decode([]byte("before"), text)
	if corrupt {
		if !errors.Is(err, ErrCorrupt) || string(got) != "before" {
			t.Errorf("%q: %q, %v; want ErrCorrupt and dst unchanged", text, got, err)
		}
		return
	}
	if err != nil || string(got) != "before"+want {
		t.Errorf("%q: %q, %v; want %q", text, got, err, "before"+want)
	}
}

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
