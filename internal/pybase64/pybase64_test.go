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
	buffer := make([]byte, 0, DecodedLen(len(text)))
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

// The fast path may only ever be a shortcut to what the lenient decoder says.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{"", "aGVsbG8", "aGVsbG8=", "ab==cd", "YQ=a=", "ab\r\ncd", "-_+/", "a===", "YQ!=!=YWJj"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		agree := func(name string, got []byte, err error, want []byte, wantErr error) {
			if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(got, want) {
				t.Errorf("%s(%q) = %q, %v; the lenient decoder says %q, %v", name, text, got, err, want, wantErr)
			}
			if len(got) > DecodedLen(len(text)) {
				t.Errorf("%s(%q): %d bytes exceed DecodedLen", name, text, len(got))
			}
		}
		got, err := AppendURL(nil, text)
		want, wantErr := appendLenient(nil, text, -len(text)&3, &urlAlphabet)
		agree("AppendURL", got, err, want, wantErr)
		got, err = AppendStd(nil, text)
		want, wantErr = appendLenient(nil, text, 0, &stdAlphabet)
		agree("AppendStd", got, err, want, wantErr)

		plain := []byte(text)
		if got, err := AppendURL(nil, base64.RawURLEncoding.EncodeToString(plain)); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("AppendURL does not reverse RawURLEncoding for %q: %q, %v", plain, got, err)
		}
		if got, err := AppendStd(nil, base64.StdEncoding.EncodeToString(plain)); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("AppendStd does not reverse StdEncoding for %q: %q, %v", plain, got, err)
		}
	})
}
