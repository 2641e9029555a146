package csrf_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/netloc"
)

// golden is what testdata/golden.py wrote under one Django.
type golden struct {
	Django, Attributes string
	Values             map[string]any
	Settings           map[string]map[string]any
	Base               goldenCase
	Cases              [][2]json.RawMessage
}

type goldenCase struct {
	Method, Host, Port, View, Vary, Settings string
	Held, Field, Header                      []string // names of values
	Type, Raw, Query, Origin, Referer        *string
	Secure, Forwarded                        bool
}

// outcome is what became of a request, in the words of the script.
type outcome struct {
	Reason, Token, Cookie, Attributes, Varies, Session, Raises string
}

// Every Django and this package say the same of the same requests: which are
// refused and why, what the cookie or the session holds then, and in which form.
func TestAsDjango(t *testing.T) {
	files, err := filepath.Glob("testdata/golden-*.json")
	must(t, err)
	if len(files) < 9 {
		t.Fatalf("only %d golden files", len(files))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		var g golden
		must(t, json.Unmarshal(text, &g))
		t.Run(g.Django, func(t *testing.T) {
			run := goldenRun{golden: g, sites: map[string]*goldenSite{}}
			for _, pair := range g.Cases {
				c, want := g.Base, outcome{}
				c.Held = slices.Clone(c.Held) // which decoding overwrites
				must(t, json.Unmarshal(pair[0], &c))
				must(t, json.Unmarshal(pair[1], &want))
				got := run.outcome(t, c)
				if want, got = g.comparable(c, want, got); got != want {
					t.Errorf("%s\nDjango %+v\nGo     %+v", pair[0], want, got)
				}
			}
		})
	}
}

// comparable allows for the deliberate differences.
func (g golden) comparable(c goldenCase, want, got outcome) (outcome, outcome) {
	if from, url, found := strings.Cut(want.Reason, " - "); found {
		if url, found := strings.CutSuffix(url, " does not match any trusted origins."); found {
			want.Reason = from + " - " + netloc.Redact(url) + " does not match any trusted origins."
		}
	}
	switch {
	case c.Raw == nil:
	case want.Raises == "TypeError", want.Raises == "BadRequest" && strings.Contains(*c.Type, "charset"):
		// 4.1 fails on "boundary*"; 5.0 and later want forms to say no charset but
		// UTF-8, where this reads them as UTF-8.
		want = outcome{Reason: got.Reason}
	case want.Raises != "": // Django answers 400
		want = outcome{Reason: "CSRF token missing."}
	}
	// A good token in the header decides; the form stays unread.
	if slices.Equal(c.Header, []string{"masked2"}) && slices.Equal(c.Field, []string{"other"}) {
		want = outcome{}
	}
	// The reasons are the newest Django's in every version.
	if want.Reason == "CSRF token missing or incorrect." &&
		(strings.HasPrefix(got.Reason, "CSRF token ") || strings.HasPrefix(got.Reason, "CSRF cookie has ")) {
		want.Reason = got.Reason
	}
	// Django fails on what the session holds, or goes on to make tokens of it that
	// it refuses; here it is like a wrong secret, and replaced by the next token.
	if want.Raises != "" || want.Token != "" && !strings.HasPrefix(want.Token, "masked ") {
		want = outcome{Session: c.Held[0]}
		if c.Method == "POST" {
			want.Reason = "CSRF token from POST incorrect."
			switch {
			case slices.Equal(c.Field, []string{"short"}):
				want.Reason = "CSRF token from POST has incorrect length."
			case c.Field == nil:
				want.Reason = "CSRF token missing."
			}
		} else if strings.Contains(c.View, "token") {
			want.Token, want.Session = "masked new", "bare new"
			if g.masks() || strings.HasPrefix(c.Settings, "transitional") && g.Django < "5" {
				want.Session = "masked new"
			}
		}
	}
	return want, got
}

func (g golden) masks() bool { return g.Django < "4.1" }

func (run *goldenRun) outcome(t *testing.T, c goldenCase) (got outcome) {
	gs := run.site(t, c.Settings)
	settings := gs.sessions.Settings()
	r := run.request(t, gs, c)
	key := ""
	if settings.CSRFUseSessions && len(c.Held) > 0 {
		key = gs.session(run.Values[c.Held[0]])
		r.Header.Set("Cookie", "sessionid="+key)
	}
	gs.reason = ""
	w := gs.serve(r, func(w http.ResponseWriter, r *http.Request) {
		if c.Vary != "" {
			w.Header().Set("Vary", c.Vary)
		}
		for step := range strings.FieldsSeq(c.View) {
			switch step {
			case "token":
				token, err := gs.Token(r)
				must(t, err)
				got.Token = run.described(token)
			case "rotate":
				gs.RotateToken(r)
			}
		}
		_, _ = io.WriteString(w, "answer")
	})
	got.Reason = gs.reason
	if refused := w.Code == http.StatusForbidden; refused != (got.Reason != "") || !refused && w.Body.String() != "answer" && r.Method != "HEAD" {
		t.Errorf("%+v: status %d, body %q, reason %q", c, w.Code, w.Body, got.Reason)
	}
	for _, line := range w.Header()["Set-Cookie"] {
		first, attributes, _ := strings.Cut(line, ";")
		switch name, value, _ := strings.Cut(first, "="); name {
		case settings.CSRFCookieName:
			got.Cookie = run.described(value)
			if attributes = ";" + attributes; attributes != run.Attributes {
				got.Attributes = attributes
			}
		case settings.SessionCookieName:
			key = value
		}
	}
	if settings.CSRFUseSessions {
		// Vary is the session middleware's business there.
		got.Session = run.inSession(t, gs, key)
		return got
	}
	usual := c.Vary
	if got.Cookie != "" {
		usual = "Cookie"
	}
	if vary := strings.Join(w.Header()["Vary"], ", "); vary != usual {
		got.Varies = vary
	}
	return got
}

// inSession describes what the session under key holds.
func (run *goldenRun) inSession(t *testing.T, gs *goldenSite, key string) string {
	if key == "" || key == `""` {
		return "absent"
	}
	s, err := gs.sessions.Load(t.Context(), key)
	must(t, err)
	v, ok, err := django.Lookup[any](s, "_csrftoken")
	must(t, err)
	if !ok {
		return "absent"
	}
	return run.described(v)
}

// described is the script's function of this name.
func (run *goldenRun) described(v any) string {
	if n, ok := v.(int64); ok {
		v = float64(n) // as encoding/json has the number
	}
	for name, value := range run.Values {
		if v == value {
			return name
		}
	}
	text := fmt.Sprint(v)
	secret := secretOf(text)
	if secret == "" {
		return "broken"
	}
	kind := "bare "
	if len(text) == 64 {
		kind = "masked "
	}
	switch secret {
	case run.Values["secret"]:
		return kind + "secret"
	case run.Values["other"]:
		return kind + "other"
	}
	return kind + "new"
}

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// secretOf is the secret of a text that is one or is a token of one, else "". It
// is written in another way than the package's.
func secretOf(text string) string {
	if len(text) != 32 && len(text) != 64 || strings.Trim(text, alphabet) != "" {
		return ""
	}
	if len(text) == 32 {
		return text
	}
	b := make([]byte, 32)
	for i := range b {
		n := strings.IndexByte(alphabet, text[32+i]) - strings.IndexByte(alphabet, text[i])
		b[i] = (alphabet + alphabet)[62+n : 63+n][0]
	}
	return string(b)
}
