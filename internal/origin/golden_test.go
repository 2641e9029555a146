package origin_test

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/djsession/djsession/internal/netloc"
	"github.com/djsession/djsession/internal/origin"
)

// golden is what testdata/golden.py wrote under one Django.
type golden struct {
	Django string
	Hosts  []string
	Taken  []struct{ Allowed, Taken []string }
	Ports  []struct {
		Use       bool
		Forwarded *string
		Port      string
	}
	Forwarded []struct {
		Use       bool
		Forwarded *string
		Host      *string
	}
	Schemes []scheme
	URLs    [][]string
}

type scheme struct {
	setting     *[2]string
	name        string
	value       *string
	tls, secure bool
}

func (s *scheme) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&s.setting, &s.name, &s.value, &s.tls, &s.secure})
}

func eachGolden(t *testing.T, f func(t *testing.T, g golden)) {
	files, err := filepath.Glob("testdata/golden-*.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var g golden
		if err := json.Unmarshal(text, &g); err != nil {
			t.Fatal(err)
		}
		t.Run(g.Django, func(t *testing.T) { f(t, g) })
	}
}

// wire is a text of Python's, of a character for each byte, as it comes to Go.
func wire(s string) string {
	b := make([]byte, 0, len(s))
	for _, c := range s {
		b = append(b, byte(c))
	}
	return string(b)
}

// request is for host, and has a header that Django calls name if value is there.
func request(host, name string, value *string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = host
	if value != nil {
		r.Header.Set(origin.HeaderName(name), *value)
	}
	return r
}

func TestHostAsDjango(t *testing.T) {
	eachGolden(t, func(t *testing.T, g golden) {
		for _, c := range g.Taken {
			for _, text := range g.Hosts {
				host := wire(text)
				got, ok := (&origin.Settings{AllowedHosts: c.Allowed}).Host(request(host, "", nil))
				if want := slices.Contains(c.Taken, text); ok != want || ok && got != host || !ok && got != "" {
					t.Errorf("%q of %q: %q, %v, but Django says %v", host, c.Allowed, got, ok, want)
				}
			}
		}
	})
}

// No AllowedHosts is no list: what is well-formed is taken, as under "*".
func TestHostOfAnyName(t *testing.T) {
	eachGolden(t, func(t *testing.T, g golden) {
		for _, text := range g.Hosts {
			r := request(wire(text), "", nil)
			_, ok := (&origin.Settings{}).Host(r)
			if _, want := (&origin.Settings{AllowedHosts: []string{"*"}}).Host(r); ok != want {
				t.Errorf("%q: %v", text, ok)
			}
		}
	})
}

func TestForwardedHostAsDjango(t *testing.T) {
	eachGolden(t, func(t *testing.T, g golden) {
		for _, c := range g.Forwarded {
			settings := origin.Settings{AllowedHosts: []string{"own.example.com", ".example.com"}, UseXForwardedHost: c.Use}
			got, ok := settings.Host(request("own.example.com:81", "HTTP_X_FORWARDED_HOST", c.Forwarded))
			if ok != (c.Host != nil) || ok && got != *c.Host {
				t.Errorf("%+v: %q, %v", c, got, ok)
			}
		}
	})
}

func TestPortAsDjango(t *testing.T) {
	eachGolden(t, func(t *testing.T, g golden) {
		for _, c := range g.Ports {
			r := request("example.com:81", "HTTP_X_FORWARDED_PORT", c.Forwarded)
			r = r.WithContext(withLocalAddr(r.Context(), "10.0.0.1:8080"))
			if got := (&origin.Settings{UseXForwardedPort: c.Use}).Port(r); got != c.Port {
				t.Errorf("%+v: %q", c, got)
			}
		}
	})
}

func TestIsSecureAsDjango(t *testing.T) {
	eachGolden(t, func(t *testing.T, g golden) {
		for _, c := range g.Schemes {
			settings := origin.Settings{DjangoVersion: g.Django}
			if c.setting != nil {
				settings.SecureProxySSLHeader = *c.setting
			}
			r := request("example.com", c.name, c.value)
			if c.tls {
				r.TLS = new(tls.ConnectionState)
			}
			if got := settings.IsSecure(r); got != c.secure {
				t.Errorf("%+v: %v", c, got)
			}
		}
	})
}

func TestSplitAsPython(t *testing.T) {
	eachGolden(t, func(t *testing.T, g golden) {
		for _, c := range g.URLs {
			u, ok := netloc.Split(wire(c[0]))
			scheme, location := u.Scheme, u.Netloc
			if len(c) == 1 {
				if ok {
					t.Errorf("%q: %q, %q, but Python raises", c[0], scheme, location)
				}
			} else if !ok || scheme != wire(c[1]) || location != wire(c[2]) {
				t.Errorf("%q: %q, %q, %v", c[0], scheme, location, ok)
			}
		}
	})
}
