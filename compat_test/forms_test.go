package compat

import (
	"math/rand/v2"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// forms: each side accepts a form that the other rendered. On SQLite only, since the
// database does not matter to it, both also answer hundreds of requests identically.
func forms(t *testing.T, c *cell) {
	c.stop(t)
	sqlite := c.database.Vendor == testenv.SQLiteVendor
	ends := []string{"/rotate"}
	if sqlite {
		testenv.Tell(t, c.worker, "migrate", testenv.Args{"app": "auth"})
		testenv.Tell(t, c.worker, "create_user", testenv.Args{"username": formUser})
		ends = append(ends, "/login")
	}
	for i, s := range formSites {
		if s.since31 && !c.django.AtLeast(3, 1) || !sqlite && s.name != "sessions" {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			f := newFormTrial(t, c, s, i)
			if s.travels {
				for _, end := range ends {
					f.travels(t, "Django to Go", f.theirs, f.ours, end)
					f.travels(t, "Go to Django", f.ours, f.theirs, end)
				}
			}
			if sqlite {
				f.compare(t)
			}
		})
	}
}

const formUser = "forms"

// formTrial is a site, served by both sides.
type formTrial struct {
	*cell
	site         formSite
	theirs, ours formServer
	headerName   string
	cookieName   string // of the secret
	sessionName  string // of the session's cookie
	inSession    bool
	random       *rand.Rand
}

func newFormTrial(t *testing.T, c *cell, s formSite, seed int) *formTrial {
	theirs, ours, set := c.formServers(t, s)
	f := &formTrial{cell: c, site: s, theirs: theirs, ours: ours, headerName: "X-CSRFToken", cookieName: set.CSRFCookieName,
		sessionName: set.SessionCookieName, inSession: set.CSRFUseSessions, random: rand.New(rand.NewPCG(uint64(c.seed()), uint64(seed)))}
	if set.CSRFHeaderName == "HTTP_X_FORM_TOKEN" {
		f.headerName = "X-Form-Token"
	}
	return f
}

// travels: each side accepts the form that the other renders, however it is sent, until the
// side that rendered it rotates the secret.
func (f *formTrial) travels(t *testing.T, name string, from, to formServer, end string) {
	t.Run(name+end, func(t *testing.T) {
		b := formCookies{}
		token := f.render(t, from, b)
		ways := []struct{ name, token, place, body string }{
			{"field", token, "field", "urlencoded"},
			{"multipart field", token, "field", "multipart"},
			{"header", token, "header", "urlencoded"},
			{"header of a script", token, "header", "json"},
		}
		if !f.inSession { // like a script that reads the cookie
			ways = append(ways, ways[2])
			ways[4].name, ways[4].token = "cookie's value", b[f.cookieName]
		}
		for _, w := range ways {
			d := f.newDraft()
			d.token, d.place, d.body = w.token, w.place, w.body
			if a := f.post(t, to, b, d); a.Status != 200 || a.Body != d.note() {
				t.Errorf("%s: answered with %d %q %q, want the field that was sent", w.name, a.Status, a.Reason, a.Body)
			}
		}
		// The other side's form has the same secret.
		back := f.newDraft()
		back.token = f.render(t, to, b)
		if a := f.post(t, from, b, back); a.Status != 200 {
			t.Errorf("sent back: answered with %d %q", a.Status, a.Reason)
		}

		d := f.newDraft()
		d.token, d.path, d.query = token, end, "user="+formUser
		if a := f.post(t, from, b, d); a.Status != 200 {
			t.Fatalf("%s: answered with %d %q %q", end, a.Status, a.Reason, a.Body)
		}
		for i, token := range []string{token, f.render(t, from, b), f.render(t, to, b)} {
			d := f.newDraft()
			d.token = token
			want := 200
			if i == 0 {
				want = 403
			}
			if a := f.post(t, to, b, d); a.Status != want {
				t.Errorf("form %d after %s: answered with %d %q, want %d", i, end, a.Status, a.Reason, want)
			}
		}
	})
}

// render has a side render a form and returns its token.
func (f *formTrial) render(t *testing.T, at formServer, b formCookies) string {
	t.Helper()
	d := f.newDraft()
	asPage(&d, "/form")
	token, _ := fieldOf(f.post(t, at, b, d).Body)
	if secretIn(token) == "" {
		t.Fatalf("the form's token is %q", token)
	}
	return token
}

func (f *formTrial) post(t *testing.T, at formServer, b formCookies, d draft) formAnswer {
	t.Helper()
	a := at.answer(t, d.request(f.headerName, b.header()))[0]
	b.take(a)
	return a
}

// note returns the view's text for the field that was sent with the token.
func (d draft) note() string {
	if d.body == "json" {
		return ""
	}
	return formNote
}
