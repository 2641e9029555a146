package netloc

import (
	"strings"
	"testing"
)

func TestSameDomain(t *testing.T) {
	for _, c := range []struct {
		host, pattern string
		want          bool
	}{
		{"example.com", "example.com", true},
		{"example.com", "EXAMPLE.com", true},
		{"EXAMPLE.com", "example.com", false},
		{"www.example.com", "example.com", false},
		{"www.example.com", ".example.com", true},
		{"example.com", ".example.com", true},
		{"badexample.com", ".example.com", false},
		{".example.com", ".example.com", true},
		{"www.example.com:8000", ".example.com", false},
		{"www.example.com:8000", ".example.com:8000", true},
		{"", "", false},
		{"", ".", true},
		{"a", "", false},
	} {
		if got := SameDomain(c.host, c.pattern); got != c.want {
			t.Errorf("%q in %q: %v", c.host, c.pattern, got)
		}
	}
}

func TestRedact(t *testing.T) {
	for url, want := range map[string]string{
		"https://example.com/reset/secret?token=secret#secret": "https://example.com",
		"https://user:secret@example.com:8000/":                "https://example.com:8000",
		"HTTPS://Example.com":                                  "https://Example.com",
		"https://secret@secret@example.com/":                   "https://example.com",
		"https://[::1]:8000/secret":                            "https://[::1]:8000",
		"null":                                                 "null",
		"":                                                     "malformed",
		"secret":                                               "malformed",
		"//example.com/secret":                                 "malformed",
		"https://se cret/":                                     "malformed",
		"https://[::1/secret":                                  "malformed",
		"https://secret\nline/":                                "https://secretline",
		"data:text/plain,secret":                               "malformed",
		"https://" + strings.Repeat("a", 300):                  "malformed",
	} {
		if got := Redact(url); got != want {
			t.Errorf("%q is %q, want %q", url, got, want)
		}
	}
}

func TestCanAllow(t *testing.T) {
	for pattern, want := range map[string]bool{
		"*": true, "example.com": true, ".example.com": true, "EXAMPLE.com": true, "127.0.0.1": true, "[::1]": true, ".": false, "": false,
		"https://example.com": false, "example.com:8000": false, "example.com/": false, "example.com.": false, "*.example.com": false, "::1": false,
		"user@example.com": false, "bücher.example": false, " example.com": false,
	} {
		if got := CanAllow(pattern); got != want {
			t.Errorf("%q: %v", pattern, got)
		}
	}
}
