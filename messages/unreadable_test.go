package messages_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/messages"
	"github.com/djsession/djsession/signing"
)

// signed returns a cookie whose payload is this text, signed as Django does.
func signed(t testing.TB, key, payload string, o signing.Options) string {
	t.Helper()
	o.Salt = "django.contrib.messages"
	signer, err := signing.NewTimestampSigner("django.http.cookies"+key, o)
	must(t, err)
	value, err := signer.AppendPayload(t.Context(), nil, []byte(payload), true)
	must(t, err)
	return string(value)
}

const list = `[["__json_message",0,25,"private text",""]]`

// A cookie that cannot be read is an empty list, as for Django, and is left alone: the key
// may be wrong here. A new message replaces it.
func TestUnreadableCookie(t *testing.T) {
	good := signed(t, secretKey, list, signing.Options{})
	for name, value := range map[string]string{
		"garbage":               "no-cookie",
		"another key":           signed(t, "another", list, signing.Options{}),
		"another salt":          strings.TrimSuffix(good, "A") + "A:",
		"cut off":               good[:len(good)-1],
		"altered":               "X" + good[1:],
		"SHA-1":                 signed(t, secretKey, list, signing.Options{Algorithm: signing.SHA1}),
		"no JSON":               signed(t, secretKey, "private", signing.Options{}),
		"no list":               signed(t, secretKey, `{"a": 1}`, signing.Options{}),
		"null":                  signed(t, secretKey, `null`, signing.Options{}),
		"a string in the list":  signed(t, secretKey, `["private"]`, signing.Options{}),
		"a notFinished in it":   signed(t, secretKey, `["__messagesnotfinished__",1]`, signing.Options{}),
		"another mark":          signed(t, secretKey, `[["private",0,25,"a"]]`, signing.Options{}),
		"too short":             signed(t, secretKey, `[["__json_message",0,25]]`, signing.Options{}),
		"too long":              signed(t, secretKey, `[["__json_message",0,25,"a","b","c"]]`, signing.Options{}),
		"a level as a string":   signed(t, secretKey, `[["__json_message",0,"25","a"]]`, signing.Options{}),
		"a level as a float":    signed(t, secretKey, `[["__json_message",0,25.5,"a"]]`, signing.Options{}),
		"a number as its text":  signed(t, secretKey, `[["__json_message",0,25,5]]`, signing.Options{}),
		"numbers as its tags":   signed(t, secretKey, `[["__json_message",0,25,"a",5]]`, signing.Options{}),
		"too large":             signed(t, secretKey, `[["__json_message",0,25,"`+strings.Repeat("a", 5<<20)+`"]]`, signing.Options{}),
		"nested":                signed(t, secretKey, strings.Repeat("[", 100_000), signing.Options{}),
		"an older Django's":     "0000000000000000000000000000000000000000$" + list,
		"quoted":                `"\054"`,
		"a signature alone":     ":" + good[strings.Index(good, ":")+1:],
		"a payload of nothing":  signed(t, secretKey, "", signing.Options{}),
		"not the cookie's list": strings.ReplaceAll(good, ":", "."),
	} {
		t.Run(name, func(t *testing.T) {
			for _, storage := range []string{cookieStorage, fallbackStorage} {
				st := newSite(t, in(storage))
				var shown []messages.Message
				w := st.serve(t, request("messages="+value), func(_ http.ResponseWriter, r *http.Request) {
					var err error
					shown, err = st.Get(r)
					must(t, err)
				})
				check(t, "messages", len(shown), 0)
				check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
				if log := st.logs.Take(); strings.Count(log, "level=WARN") != 1 || strings.Contains(log, value) {
					t.Errorf("the log: %.500s", log)
				}

				w = st.serve(t, request("messages="+value), add(t, st))
				check(t, "after an Add", st.showing(t, w.Header()["Set-Cookie"]), "added")
			}
		})
	}
}

// showing returns the texts that a page shows to a browser that got these cookies.
func (st *site) showing(t testing.TB, set []string) string {
	t.Helper()
	var pairs, texts []string
	for _, line := range set {
		pair, attributes, _ := strings.Cut(line, ";")
		if !strings.Contains(attributes, "Max-Age=0") {
			pairs = append(pairs, pair)
		}
	}
	st.serve(t, request(strings.Join(pairs, "; ")), func(_ http.ResponseWriter, r *http.Request) {
		list, err := st.Get(r)
		must(t, err)
		for _, m := range list {
			texts = append(texts, m.Text)
		}
	})
	return strings.Join(texts, ",")
}

// Messages in a session that cannot be read are an error, and stay: Django may read them.
func TestUnreadableSession(t *testing.T) {
	for name, held := range map[string]any{
		"no JSON": "private", "no list": "{}", "null as text": "null", "cut off": list[:20], "a list": []any{1}, "a number": 5, "a mark alone": `[["__json_message"]]`,
		"true": true, "lone text": `"private"`,
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, in(sessionStorage))
			key := st.session(t, held)
			w := st.serve(t, request("sessionid="+key), func(w http.ResponseWriter, r *http.Request) {
				_, err := st.Get(r)
				if !errors.Is(err, django.ErrUnreadable) || strings.Contains(err.Error(), "private") {
					t.Errorf("error %v", err)
				}
				st.sessions.HandleError(w, r, err)
			})
			check(t, "status of Get", w.Code, 500)
			check(t, "status of Add", st.serve(t, request("sessionid="+key), add(t, st)).Code, 500)
			check(t, "status without messages", st.serve(t, request("sessionid="+key), nothing).Code, 200)
			s, err := st.sessions.Load(t.Context(), key)
			must(t, err)
			now, err := django.Value[any](s, "_messages", nil)
			must(t, err)
			before, err := django.Value[any](func() *django.Session { s := st.sessions.NewSession(); must(t, s.Set("_messages", held)); return s }(), "_messages", nil)
			must(t, err)
			if n, ok := now.([]any); ok {
				now, before = len(n), len(before.([]any))
			}
			check(t, "stored", now, before)
		})
	}
	for name, held := range map[string]any{"None": nil, "empty": "", "an empty list": "[]"} {
		st := newSite(t, in(sessionStorage))
		key := st.session(t, held)
		check(t, name, st.showing(t, []string{"sessionid=" + key}), "")
		check(t, "status of Add", st.serve(t, request("sessionid="+key), add(t, st)).Code, 200)
		check(t, "after an Add", st.showing(t, []string{"sessionid=" + key}), "added")
	}
}

// A store that fails is never an empty list.
func TestStoreThatFails(t *testing.T) {
	for _, storage := range []string{sessionStorage, fallbackStorage} {
		st := newSite(t, in(storage))
		cookies := "sessionid=" + st.session(t, oneStored) + "; messages=" + signed(t, secretKey, `["__messagesnotfinished__"]`, signing.Options{})
		st.store.fail = errors.New("down")
		w := st.serve(t, request(cookies), func(_ http.ResponseWriter, r *http.Request) {
			if _, err := st.Get(r); !errors.Is(err, st.store.fail) {
				t.Errorf("error %v", err)
			}
		})
		check(t, "status of Get", w.Code, 503)
		w = st.serve(t, request(cookies), add(t, st))
		check(t, "status of Add", w.Code, 503)
		check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
	}
}
