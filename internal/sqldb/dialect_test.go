package sqldb

import (
	"strings"
	"testing"
)

func TestQuote(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"django_session", "<django_session>"},
		{"shop.sessions", "<shop>.<sessions>"},
		{"shop.Odd name", "<shop>.<Odd name>"},
		{"<a.b>", "<a.b>"},
		{"<django_session>", "<django_session>"},
		{"<tenant1>.<django_session>", "<tenant1>.<django_session>"},
		{"<a.b>.<c.d>", "<a.b>.<c.d>"},
		{"tenant1>.<django_session", "<tenant1>.<django_session>"},
		{"db>.<tenant1>.<django_session", "<db>.<tenant1>.<django_session>"},
		{"a.b>.<c", "<a.b>.<c>"},
		{"<a>>b>", "<a>>b>"},
		{"a>b", "<a>>b>"},
		{">", "<>>>"},
		{"<a", "<>>a>"},
		{"<>", "<>>>>>"},
		{"a; DROP TABLE users --", "<a; DROP TABLE users -->"},
		{"a> ; DROP TABLE users; --", "<a>> ; DROP TABLE users; -->"},
		{"<a> ; DROP TABLE users; <b>", "<>>a>> ; DROP TABLE users; >>b>>>"},
		{"a>.<b> ; DROP TABLE users; <c", "<a>>>.<>>b>> ; DROP TABLE users; >>c>"},
		{"<a> . <b>", "<>>a>> >.< >>b>>>"},
	} {
		for d, q := range map[Dialect]string{PostgreSQL: `"`, SQLite: `"`, MySQL: "`"} {
			form := strings.NewReplacer("<", q, ">", q)
			if got := d.Quote(form.Replace(c.name)); got != form.Replace(c.want) {
				t.Errorf("%v: %s is quoted as %s, want %s", d, form.Replace(c.name), got, form.Replace(c.want))
			}
		}
	}
	if got := PostgreSQL.QuoteColumn(`a.b"c`); got != `"a.b""c"` {
		t.Errorf("the column is %s", got)
	}
}

// FuzzQuote: whatever the name, nothing gets out of the quotes.
func FuzzQuote(f *testing.F) {
	for _, name := range []string{"a", "a.b", `"a.b"`, `a"."b`, `a"; DROP TABLE t; --`, `""`, `a"".""b`, "`", `"."."`} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for d, q := range map[Dialect]string{PostgreSQL: `"`, MySQL: "`"} {
			outside := ""
			for i, part := range strings.Split(strings.ReplaceAll(d.Quote(name), q+q, ""), q) {
				if i%2 == 0 {
					outside += part
				}
			}
			if strings.Trim(outside, ".") != "" || strings.HasPrefix(outside, "..") && !strings.Contains(name, ".") {
				t.Errorf("%v: of %q, %q is outside of quotes", d, name, outside)
			}
		}
	})
}

// A related table is the last part of the name with the suffix, inside its quotes.
func TestQuoteRelated(t *testing.T) {
	for name, want := range map[string]string{
		`auth_user`:             `"auth_user_groups"`,
		`app.auth_user`:         `"app"."auth_user_groups"`,
		`"app.auth_user"`:       `"app.auth_user_groups"`,
		`tenant1"."auth_user`:   `"tenant1"."auth_user_groups"`,
		`"tenant1"."auth_user"`: `"tenant1"."auth_user_groups"`,
	} {
		if got := PostgreSQL.QuoteRelated(name, "_groups"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
