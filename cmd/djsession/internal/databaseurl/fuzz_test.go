package databaseurl

import (
	"errors"
	"fmt"
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
		if again, err := Parse(format(d)); err != nil || !same(again, d) {
			t.Fatalf("Parse(%q) = %s, but written out again and parsed %s, %v", text, details(d), details(again), err)
		}
	})
}

// format writes d as a URL with everything encoded.
func format(d Database) string {
	var b strings.Builder
	b.WriteString(map[Engine]string{PostgreSQL: "postgres", MySQL: "mysql", SQLite: "spatialite"}[d.Engine])
	b.WriteString("://" + encode(d.User) + ":" + encode(d.Password) + "@")
	b.WriteString(encode(d.Host))
	if d.Port != 0 {
		fmt.Fprintf(&b, ":%d", d.Port)
	}
	b.WriteString("/" + encode(d.Name))
	separator := byte('?')
	for key, value := range d.Options {
		b.WriteByte(separator)
		b.WriteString(encode(key) + "=" + encode(value))
		separator = '&'
	}
	return b.String()
}

func encode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}
