package pybase64

import (
	"bytes"
	"encoding/base64"
	"testing"
)

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
			if len(got) > base64.StdEncoding.DecodedLen(len(text)+3) {
				t.Errorf("%s(%q): %d bytes exceed DecodedLen", name, text, len(got))
			}
		}
		got, err := AppendURL(nil, text)
		want, wantErr := appendLenient(nil, text, -len(text)&3, "-_")
		agree("AppendURL", got, err, want, wantErr)
		got, err = AppendStd(nil, text)
		want, wantErr = appendLenient(nil, text, 0, "")
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
