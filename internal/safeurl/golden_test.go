package safeurl

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// goldenCase is a line of a file that testdata/generate.py wrote.
type goldenCase struct {
	asked  []string
	answer string            // of the newest Django; an exception begins with "!"
	others map[string]string // answers that differ, by Django's version
}

func (c *goldenCase) UnmarshalJSON(line []byte) error {
	var fields []json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return err
	}
	if last := len(fields) - 1; last >= 0 && json.Unmarshal(fields[last], &c.others) == nil {
		fields = fields[:last]
	}
	texts := make([]string, len(fields))
	for i, field := range fields {
		if err := json.Unmarshal(field, &texts[i]); err != nil {
			return err
		}
	}
	if len(texts) < 2 {
		return errors.New("a case has a question and an answer")
	}
	c.asked, c.answer = texts[:len(texts)-1], texts[len(texts)-1]
	return nil
}

func golden(t testing.TB, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

type goldenAllowed struct {
	Djangos map[string]string // version to Python's
	Hosts   [][]string
	Allowed []goldenCase
}

// verdict reads an answer about the hosts of that index. Its bits are the sets
// of hosts, each without and then with require_https.
func verdict(t *testing.T, answer string, hosts int, requireHTTPS bool) bool {
	t.Helper()
	bits, err := strconv.ParseUint(answer, 16, 8)
	if err != nil {
		t.Fatal(err)
	}
	bits >>= 2 * hosts
	if requireHTTPS {
		bits >>= 1
	}
	return bits&1 != 0
}

// stricter are the classes of URLs that Allowed rejects although Django may not.
var stricter = map[string]*regexp.Regexp{
	"control character":                 regexp.MustCompile(`[\x00-\x1f\x7f-\x{9f}]`),
	"backslash":                         regexp.MustCompile(`\\`),
	"Unicode's spaces at an end":        regexp.MustCompile(`^ *[\x{a0}\x{2028}\x{3000}]|[\x{a0}\x{2028}\x{3000}] *$`),
	"// without a host":                 regexp.MustCompile(`^ *//([/?#]|$)`),
	"scheme that begins with no letter": regexp.MustCompile(`^ *[0-9+.-][A-Za-z0-9+.-]*:`),
	"host that no Host header holds":    regexp.MustCompile(`^ *([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*[^A-Za-z0-9._:\[\]/?# -]`),
}

func TestAllowedAgreesWithDjango(t *testing.T) {
	var g goldenAllowed
	golden(t, "allowed.json", &g)
	if len(g.Djangos) < 6 || len(g.Allowed) < 2000 {
		t.Fatalf("%d Djangos and %d URLs; want 6 and thousands", len(g.Djangos), len(g.Allowed))
	}

	agreedOnHost := 0
	seen := make(map[string]int)
	for _, c := range g.Allowed {
		url := c.asked[0]
		var class string
		for name, pattern := range stricter {
			if pattern.MatchString(url) {
				class = name
				break
			}
		}
		for i, hosts := range g.Hosts {
			for _, requireHTTPS := range []bool{false, true} {
				got := Allowed(url, hosts, requireHTTPS)
				newest := verdict(t, c.answer, i, requireHTTPS)
				switch {
				case got && class != "":
					t.Errorf("%q to %q is allowed, in spite of: %s", url, hosts, class)
				case got:
					if !newest {
						t.Errorf("%q to %q (HTTPS %t) is allowed; the newest Django refuses it", url, hosts, requireHTTPS)
					}
					for version, answer := range c.others {
						if !verdict(t, answer, i, requireHTTPS) {
							t.Errorf("%q to %q (HTTPS %t) is allowed; Django %s refuses it", url, hosts, requireHTTPS, version)
						}
					}
					if c.answer != "ff" {
						agreedOnHost++
					}
				case newest && class == "":
					t.Errorf("%q to %q (HTTPS %t) is refused; Django allows it", url, hosts, requireHTTPS)
				case newest:
					seen[class]++
				}
			}
		}
	}
	if agreedOnHost < 100 {
		t.Errorf("only %d URLs with a host are allowed; the table shows too little", agreedOnHost)
	}
	for name := range stricter {
		if seen[name] == 0 {
			t.Errorf("no URL shows that Go is stricter on: %s", name)
		}
	}
}

func TestLoginAgreesWithDjango(t *testing.T) {
	var g struct {
		ToLogin []goldenCase `json:"to_login"`
		Next    []goldenCase
	}
	golden(t, "login.json", &g)
	if len(g.ToLogin) < 200 || len(g.Next) < 200 {
		t.Fatalf("%d and %d cases; want hundreds", len(g.ToLogin), len(g.Next))
	}

	for _, c := range g.ToLogin {
		if len(c.others) > 0 {
			t.Errorf("%q: the Djangos differ", c.asked)
		}
		got, err := ToLogin(c.asked[0], c.asked[1])
		raises := strings.HasPrefix(c.answer, "!")
		refused := strings.HasPrefix(c.asked[0], "ftp:") || strings.TrimSpace(c.asked[0]) != c.asked[0]
		if (err != nil) != (raises || refused) {
			t.Errorf("ToLogin(%q, %q): %v; Django says %q", c.asked[0], c.asked[1], err, c.answer)
		}
		if err == nil && got != c.answer {
			t.Errorf("ToLogin(%q, %q) = %q; Django says %q", c.asked[0], c.asked[1], got, c.answer)
		}
	}

	for _, c := range g.Next {
		if len(c.others) > 0 {
			t.Errorf("%q: the Djangos differ", c.asked)
		}
		login, scheme, host, target := c.asked[0], c.asked[1], c.asked[2], c.asked[3]
		if strings.HasPrefix(c.answer, "!") {
			if _, err := ToLogin(login, "/"); err == nil {
				t.Errorf("ToLogin(%q) has no error; Django raises %s", login, c.answer[1:])
			}
			continue
		}
		path, query, _ := strings.Cut(target, "?")
		request := &url.URL{RawPath: path, RawQuery: query}
		var err error
		if request.Path, err = url.PathUnescape(path); err != nil {
			t.Fatal(err)
		}
		if got := Next(login, scheme, host, request); got != c.answer {
			t.Errorf("Next(%q, %q, %q, %q) = %q; Django says %q", login, scheme, host, target, got, c.answer)
		}
	}
}
