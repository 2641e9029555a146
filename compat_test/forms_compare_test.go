package compat

import (
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// formPost is a draft that was sent, with the answer.
type formPost struct {
	draft
	request formRequest
	key     string // of the session, before
	answer  formAnswer
	cookies formCookies // afterwards
	stored  string      // the session's value afterwards, if the secret is in the session
}

// compare sends the same requests to both sides, and then sends each side what the other
// rendered or set.
func (f *formTrial) compare(t *testing.T) {
	drafts := f.cases()
	theirs, ours := f.send(t, f.theirs, drafts), f.send(t, f.ours, drafts)
	reasons := map[string]int{}
	excused := 0
	for i := range drafts {
		reasons[formReason(theirs[i].answer)]++
		a, b := f.describe(&theirs[i], &ours[i])
		switch {
		case a == b:
		case f.excused(&theirs[i], &ours[i]):
			excused++
		default:
			t.Errorf("%s\n       %s\nDjango %s\nGo     %s", drafts[i].name, theirs[i].request, a, b)
		}
	}
	crossed := f.cross(t, theirs, f.ours) + f.cross(t, ours, f.theirs)
	t.Logf("%d requests, %d of them answered as documented, %d crossed; Django says %v", len(drafts), excused, crossed, reasons)
	if f.site.factors == nil {
		f.sawAll(t, reasons)
	}
}

// sawAll fails the test if one of Django's answers never came: it was not compared.
func (f *formTrial) sawAll(t *testing.T, reasons map[string]int) {
	t.Helper()
	classes := []string{"200", "no referer", "malformed referer", "insecure referer", "bad referer", "no cookie", "token"}
	if f.cell.django.AtLeast(4, 0) {
		classes = append(classes, "origin", "bad cookie", "no token", "token's length", "token's characters")
	}
	for _, class := range classes {
		if reasons[class] == 0 {
			t.Errorf("Django gave the reason %q to no request", class)
		}
	}
}

// send sends drafts to one side, each with its own session if the secret is in the session.
func (f *formTrial) send(t *testing.T, to formServer, drafts []draft) []formPost {
	t.Helper()
	all := make([]formPost, len(drafts))
	if f.inSession {
		f.makeSessions(t, drafts, all)
	}
	requests := make([]formRequest, len(drafts))
	for i, d := range drafts {
		p := &all[i]
		p.draft, p.cookies = d, formCookies{}
		var cookies []string
		if p.key != "" {
			p.cookies[f.sessionName] = p.key
			cookies = append(cookies, f.sessionName+"="+p.key)
		}
		if !f.inSession {
			for _, value := range d.held {
				p.cookies[f.cookieName] = value
				cookies = append(cookies, f.cookieName+"="+value)
			}
		}
		p.request = d.request(f.headerName, strings.Join(cookies, "; "))
		requests[i] = p.request
	}
	for i, a := range to.answer(t, requests...) {
		all[i].answer = a
		all[i].cookies.take(a)
	}
	if f.inSession {
		f.readSessions(t, all)
	}
	return all
}

// makeSessions makes a session for each draft that is to have one.
func (f *formTrial) makeSessions(t *testing.T, drafts []draft, all []formPost) {
	t.Helper()
	secrets, of := []string{}, []int{}
	for i, d := range drafts {
		if n := len(d.held); n > 0 {
			secrets, of = append(secrets, d.held[n-1]), append(of, i)
		}
	}
	for i, key := range testenv.Ask[[]string](t, f.worker, "hold_secrets", testenv.Args{"secrets": secrets}) {
		all[of[i]].key = key
	}
}

func (f *formTrial) readSessions(t *testing.T, all []formPost) {
	t.Helper()
	keys := make([]string, len(all))
	for i := range all {
		keys[i] = all[i].cookies[f.sessionName]
	}
	for i, row := range testenv.Ask[[]*testenv.Row](t, f.worker, "rows", testenv.Args{"session_keys": keys}) {
		all[i].stored = "no session"
		if row == nil {
			continue
		}
		data, err := f.sessions.Codec().Decode(t.Context(), row.SessionData)
		if err != nil {
			t.Fatal(err)
		}
		value, ok := data.Get("_csrftoken")
		if !ok {
			all[i].stored = "no secret"
			continue
		}
		if err := value.Decode(&all[i].stored); err != nil {
			t.Fatal(err)
		}
	}
}

// cross sends one side the forms that the other rendered and the cookies that it set. It
// returns the number of requests.
func (f *formTrial) cross(t *testing.T, all []formPost, to formServer) int {
	t.Helper()
	var requests []formRequest
	var of []*formPost
	for i := range all {
		p := &all[i]
		token, _ := fieldOf(p.answer.Body)
		if token == "" && len(p.answer.Header("Set-Cookie")) > 0 {
			if token = p.cookies[f.cookieName]; f.inSession {
				token = p.stored
			}
		}
		if token == "" || f.isOdd(p.draft) && to == f.ours {
			continue // the answer has no token, or none that Django would accept
		}
		d := f.newDraft()
		d.token = token
		if len(requests)%2 == 1 {
			d.place = "header"
		}
		requests, of = append(requests, d.request(f.headerName, p.cookies.header())), append(of, p)
	}
	for i, a := range to.answer(t, requests...) {
		if a.Status != 200 {
			t.Errorf("%s: what was handed out is not taken: %d %s\n%s", of[i].name, a.Status, a.Reason, requests[i])
		}
	}
	return len(requests)
}
