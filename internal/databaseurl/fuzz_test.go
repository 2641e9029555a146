package databaseurl

import (
	"errors"
	"strings"
	"testing"
)

// FuzzParse checks what holds of every text: an error or a usable database, no
// panic, and no part of the text in an error.
func FuzzParse(f *testing.F) {
	f.Add("postgres://u:p%40w@h:5432/shop?sslmode=require")
	f.Add("sqlite:////abs/a%3Fb.db")
	f.Add("mysql://u:p@[::1]:3306/shop?unix_socket=%2Frun%2Fmy.sock&x=&x=1")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err != nil {
			if unknown, ok := errors.AsType[*SchemeError](err); ok {
				if !strings.HasPrefix(strings.ToLower(clean(text)), unknown.Scheme+"://") {
					t.Fatalf("the scheme of %q is not %q", text, unknown.Scheme)
				}
				return
			}
			for _, known := range []error{ErrNoScheme, ErrHost, ErrPort, ErrAt, ErrRepeated} {
				if err == known {
					return
				}
			}
			t.Fatalf("unexpected error %v", err)
		}
		if d.Engine < PostgreSQL || d.Engine > SQLite || d.Port < 0 || d.Port > 65535 {
			t.Fatalf("Parse(%q) = %s", text, details(d))
		}
		if again, err := Parse(d.URL()); err != nil || !same(again, d) {
			t.Fatalf("Parse(%q) = %s, but written out again and parsed %s, %v", text, details(d), details(again), err)
		}
	})
}

// format writes d as a URL with everything encoded.
