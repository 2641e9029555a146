package origin_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/origin"
)

// wellFormed is what Django takes for a host, as one regular expression.
var wellFormed = regexp.MustCompile(`^(?:[a-zA-Z0-9.-]+|\[[a-fA-F0-9]*:[a-fA-F0-9.:]+\])(?::[0-9]+)?$`)

var onlyDot = regexp.MustCompile(`^\.(?::|$)`) // a name that is nothing without its dot

// FuzzHost takes a text for a host, which it is or is not by another reckoning,
// and for a URL, of which no more than scheme and host may get into a message.
func FuzzHost(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		want := wellFormed.MatchString(text) && !onlyDot.MatchString(text)
		if got, ok := origin.Host(request(text, "", nil), &django.Settings{}); ok != want || ok && got != text {
			t.Fatalf("host %q: %q, %v", text, got, ok)
		}
		name := strings.TrimSuffix(strings.ToLower(text), ".")
		if want && !strings.Contains(name, ":") {
			if _, ok := origin.Host(request(text, "", nil), &django.Settings{AllowedHosts: []string{name}}); !ok {
				t.Fatalf("host %q is not allowed as %q", text, name)
			}
		}

		switch said := origin.Redact(text); said {
		case "null", "malformed":
		default:
			scheme, host, _ := strings.Cut(said, "://")
			if !wellFormed.MatchString(host) || strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+-.") != "" || len(said) > 310 {
				t.Fatalf("%q is told as %q", text, said)
			}
		}
	})
}
