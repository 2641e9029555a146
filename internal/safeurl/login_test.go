package safeurl

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func TestToLoginRefusesLoginURL(t *testing.T) {
	for _, login := range []string{
		"", " ", "login", "accounts:login", "?a", "/login\n", "/lo\tgin", "/login\x00", " /login", "/login\u00a0", "/login\xff", "/login?a=%ff", "/login?%C3=a",
		"javascript:/a", "ftp://sso.example/login", "mailto:a@b.example", "1http://sso.example/", "http:", "http:/login", "http:login.html", "https:///login", "//", "///login", "//?a=/",
	} {
		got, err := ToLogin(login, "/secret")
		if err == nil || errors.Is(err, ErrTooLong) || got != "" {
			t.Errorf("%q: %q, %v; want an error about the login URL", login, got, err)
			continue
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error repeats next: %v", login, err)
		}
	}
}

// Django 6.1 accepts 16,384 bytes of Location and no more.
func TestToLoginLength(t *testing.T) {
	const before = len("/login?next=/")
	for _, char := range []string{"a", "%C3%A9"} {
		next := "/" + strings.Repeat(strings.ReplaceAll(char, "%C3%A9", "é"), (16384-before)/len(char))
		fill := strings.Repeat("b", (16384-before)%len(char))
		if got, err := ToLogin("/login", next+fill); err != nil || len(got) != 16384 {
			t.Errorf("16,384 bytes of %q: %d bytes, %v", char, len(got), err)
		}
		if got, err := ToLogin("/login", next+fill+"b"); !errors.Is(err, ErrTooLong) || got != "" {
			t.Errorf("16,385 bytes of %q: %d bytes, %v; want ErrTooLong", char, len(got), err)
		}
	}
}

// What the golden table, made with requests that a WSGI server can hand on,
// does not hold.
func TestNext(t *testing.T) {
	for _, test := range []struct {
		request url.URL
		want    string
	}{
		{url.URL{}, "/"},
		{url.URL{Path: "*"}, "/*"},
		{url.URL{Path: "/a", ForceQuery: true}, "/a"},
		{url.URL{Path: "/a", Fragment: "b"}, "/a"},
		{url.URL{Scheme: "https", Host: "evil.example", Path: "/a"}, "/a"},
		{url.URL{Path: "/a", RawQuery: "b=é"}, "/a?b=%C3%A9"}, // as under ASGI
		{url.URL{Path: "/a", RawQuery: "b=\xff\r\n"}, "/a?b=%FF%0D%0A"},
		{url.URL{Path: "/a\xe4\xb8b\ufffd"}, "/a%25E4%25B8b%EF%BF%BD"},
	} {
		if got := Next("/login", "https", "example.com", &test.request); got != test.want {
			t.Errorf("%#v: %q, want %q", test.request, got, test.want)
		}
	}
}
