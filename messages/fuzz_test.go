package messages_test

import (
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/messages"
	"github.com/djsession/djsession/signing"
)

// FuzzList signs any text as a cookie's list, and puts it into a session: what is shown is
// shown again, the same, after it was stored together with another message.
func FuzzList(f *testing.F) {
	sites := map[string][]*site{}
	for _, version := range []string{"2.2", "3.1", "6.1"} {
		for _, storage := range []string{fallbackStorage, sessionStorage} {
			sites[version] = append(sites[version], newSite(f, func(s *django.Settings) { s.DjangoVersion, s.MessageStorage = version, storage }))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 300 || strings.ContainsFunc(text, func(r rune) bool { return r > '~' }) {
			t.Skip() // to fit into a cookie; and Django's JSON is ASCII
		}
		hash, err := signing.SaltedHMAC("django.contrib.messages", text, secretKey, signing.SHA1)
		must(t, err)
		signer, err := signing.NewTimestampSigner("django.http.cookies"+secretKey, signing.Options{Salt: "django.contrib.messages"})
		must(t, err)
		for version, both := range sites {
			value := map[string]string{"2.2": hex.EncodeToString(hash) + "$" + text, "3.1": signer.Sign(text), "6.1": signed(t, secretKey, text, signing.Options{})}[version]
			list := both[0].visit(t, "messages="+cookie.Quote(value))
			inSession := both[1].visit(t, "sessionid="+both[1].session(t, text))
			if strings.HasSuffix(strings.TrimSpace(text), `"__messagesnotfinished__"]`) {
				continue // only in a cookie more may follow
			}
			if list != inSession {
				t.Fatalf("%s: %q is read as %q in a cookie, and as %q in a session", version, text, list, inSession)
			}
		}
	})
}

// visit adds a message to those that there are, and returns what the next page shows, "" if
// the messages cannot be read.
func (st *site) visit(t *testing.T, cookies string) (shown string) {
	t.Helper()
	st.logs.Take()
	var before []messages.Message
	st.serve(t, request(cookies), func(_ http.ResponseWriter, r *http.Request) {
		before, _ = st.Get(r)
		must(t, st.Keep(r))
	})
	unread := st.logs.Take() != ""
	w := st.serve(t, request(cookies), add(t, st))
	st.logs.Take()
	if w.Code != 200 || unread {
		if len(before) > 0 {
			t.Fatalf("%d messages of what cannot be read", len(before))
		}
		return ""
	}
	held := w.Header()["Set-Cookie"]
	if strings.HasPrefix(cookies, "sessionid=") {
		held = append(held, cookies)
	}
	var after []messages.Message
	st.serve(t, request(headerOf(held)), func(_ http.ResponseWriter, r *http.Request) {
		var err error
		after, err = st.Get(r)
		must(t, err)
	})
	if len(after) != len(before)+1 {
		t.Fatalf("%d messages, then %d", len(before), len(after))
	}
	for i, m := range before {
		if m != after[i] {
			t.Fatalf("message %d is %+v, then %+v", i, m, after[i])
		}
		shown += m.Tags() + "|" + m.Text + "\n"
	}
	return shown
}

func headerOf(set []string) string {
	var pairs []string
	for _, line := range set {
		pair, _, _ := strings.Cut(line, ";")
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "; ")
}

// FuzzCookie reads any value of a cookie, which nobody signed.
func FuzzCookie(f *testing.F) {
	var sites []*site
	for _, version := range []string{"2.2", "3.1", "3.2", "6.1"} {
		sites = append(sites, newSite(f, func(s *django.Settings) { s.DjangoVersion, s.ReadOlderFormats = version, version == "6.1" }))
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, st := range sites {
			st.serve(t, request("messages="+value), func(_ http.ResponseWriter, r *http.Request) {
				list, err := st.Get(r)
				must(t, err)
				if len(list) > 0 {
					t.Fatalf("%q: %d messages", value, len(list))
				}
			})
			if log := st.logs.Take(); len(value) > 20 && strings.Contains(log, value) {
				t.Fatalf("the log holds %q:\n%s", value, log)
			}
		}
	})
}
