package messages_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// goldenFile is what testdata/golden.py had a real Django do.
type goldenFile struct {
	Django, Secret string
	Sites          map[string]map[string]any
	Cases          []struct {
		Site     string
		Pages    [][][]json.RawMessage
		Outcomes []outcome
	}
}

// outcome is what became of a page.
type outcome struct {
	Shown   [][][5]any // of each get: level, text, extra tags, tags, whether it is safe
	Set     *string    // the Set-Cookie for the messages
	Session *string    // "_messages"
}

// TestGolden visits each page with what Django had stored before, and compares all that is
// shown, set and stored with what Django did.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/golden-*.json")
	must(t, err)
	if len(paths) < 7 {
		t.Fatalf("%d files", len(paths))
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			must(t, err)
			var file goldenFile
			must(t, decode(text, &file))
			pages := 0
			for i, c := range file.Cases {
				st := newSite(t, func(s *django.Settings) {
					s.SecretKey, s.DjangoVersion = file.Secret, file.Django
					configure(t, s, file.Sites[c.Site])
				})
				before := outcome{}
				for j, program := range c.Pages {
					want := c.Outcomes[j]
					if fmt.Sprintf("%s", program[:min(1, len(program))]) == hugeLevel {
						before = want // no level in Go
						continue
					}
					if fmt.Sprintf("%s", program[:min(1, len(program))]) == `[["lose"]]` {
						before.Set = nil
					}
					got := st.page(t, program, before)
					if !st.same(t, got, want, before.Set != nil) {
						t.Errorf("case %d, site %s, page %d:\n%.300s\nGo     %s\nDjango %s", i, c.Site, j, program, got, want)
					}
					if want.Set == nil {
						want.Set = before.Set
					} else if strings.Contains(*want.Set, "Max-Age=0") {
						want.Set = nil
					}
					before = want
					pages++
				}
			}
			if pages < 100 {
				t.Errorf("%d pages", pages)
			}
		})
	}
}

// decode decodes JSON that Python wrote, lone surrogates included.
func decode(text []byte, into any) error {
	value, err := serializer.Parse(text)
	if err != nil {
		return err
	}
	return value.Decode(into)
}

// configure makes settings of their names in Python.
func configure(t *testing.T, s *django.Settings, values map[string]any) {
	t.Helper()
	for name, value := range values {
		switch name {
		case "MESSAGE_STORAGE":
			s.MessageStorage = value.(string)
		case "MESSAGE_LEVEL":
			s.MessageLevel = int(value.(int64))
		case "MESSAGE_TAGS":
			s.MessageTags = map[int]string{}
			for level, tag := range value.(map[string]any) {
				var n int
				_, err := fmt.Sscan(level, &n)
				must(t, err)
				s.MessageTags[n] = tag.(string)
			}
		case "SESSION_COOKIE_DOMAIN":
			s.SessionCookieDomain = value.(string)
		case "SESSION_COOKIE_SECURE":
			s.SessionCookieSecure = value.(bool)
		case "SESSION_COOKIE_HTTPONLY":
			s.SessionCookieHTTPOnly = value.(bool)
		case "SESSION_COOKIE_SAMESITE":
			text, _ := value.(string)
			s.SessionCookieSameSite = django.SameSite(text)
		case "SESSION_COOKIE_NAME":
			s.SessionCookieName = value.(string)
		case "SESSION_COOKIE_PATH":
			s.SessionCookiePath = value.(string)
		case "SESSION_COOKIE_AGE":
			s.SessionCookieAge = value.(int64)
		default:
			t.Fatalf("unknown setting %s", name)
		}
	}
}

// page visits a page with the cookie and the session that an earlier one left.
func (st *site) page(t *testing.T, program [][]json.RawMessage, before outcome) (got outcome) {
	t.Helper()
	key := st.session(t, before.Session)
	r := request(st.sessions.Settings().SessionCookieName + "=" + key)
	if before.Set != nil {
		pair, _, _ := strings.Cut(*before.Set, "; ")
		r.Header.Set("Cookie", r.Header.Get("Cookie")+"; "+pair)
	}
	w := st.serve(t, r, func(_ http.ResponseWriter, r *http.Request) {
		for _, step := range program {
			if shown := st.step(t, r, step); shown != nil {
				got.Shown = append(got.Shown, shown)
			}
		}
	})
	for _, line := range w.Header()["Set-Cookie"] {
		if strings.HasPrefix(line, "messages=") {
			got.Set = &line
		}
	}
	got.Session = st.stored(t, key)
	return got
}

// same compares two outcomes. Django deletes a cookie that is not there, and compresses a
// little differently.
func (st *site) same(t *testing.T, got, want outcome, held bool) bool {
	t.Helper()
	if got.Set == nil && want.Set != nil && !held && strings.Contains(*want.Set, "Max-Age=0") {
		want.Set = nil
	}
	if got.Set != nil && want.Set != nil && strings.HasPrefix(*got.Set, "messages=.") && strings.HasPrefix(*want.Set, "messages=.") {
		_, a, _ := strings.Cut(*got.Set, ";")
		_, b, _ := strings.Cut(*want.Set, ";")
		if a != b || !reflect.DeepEqual(st.shown(t, got), st.shown(t, want)) {
			return false
		}
		want.Set, want.Session = got.Set, got.Session
	}
	return got.String() == huge.Replace(want.String()) || got.String() == want.String()
}

// shown returns what a page would show.
func (st *site) shown(t *testing.T, o outcome) [][][5]any {
	t.Helper()
	return st.page(t, [][]json.RawMessage{{json.RawMessage(`"get"`)}}, o).Shown
}

// hugeLevel is the first step of a page that adds messages of levels beyond Go's int, which
// Go shows as the nearest int and stores as they were.
const hugeLevel = `[["level" -1000000000000000000000000000000]]`

var huge = strings.NewReplacer("[-1000000000000000000000000000000 ", "[-9223372036854775808 ", "[1000000000000000000000000000000 ", "[9223372036854775807 ")

func (o outcome) String() string {
	text := fmt.Sprintf("shown %v", o.Shown)
	if o.Set != nil {
		text += fmt.Sprintf(", set %s", *o.Set)
	}
	if o.Session != nil {
		text += fmt.Sprintf(", session %s", *o.Session)
	}
	return text
}
