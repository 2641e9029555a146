package messages_test

import (
	"errors"
	"html/template"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/messages"
	"github.com/djsession/djsession/serializer"
)

func TestNewChecksItsSettings(t *testing.T) {
	if _, err := messages.New(nil); err == nil {
		t.Error("New accepts nil")
	}
	st := newSite(t, in(""))
	if _, err := messages.New(st.sessions, messages.WithLogger((*slog.Logger)(nil))); err == nil {
		t.Error("WithLogger accepts nil")
	}
	for _, path := range []string{"shop.storage.Mine", "FallbackStorage", "django.contrib.messages.storage.user_messages.LegacyFallbackStorage"} {
		other := newSite(t, nil)
		set := other.sessions.Settings()
		set.MessageStorage = path
		sessions, err := django.New(set, django.EngineFunc(func(django.Site) (django.Store, error) { return other.store, nil }))
		must(t, err)
		if _, err := messages.New(sessions); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "MESSAGE_STORAGE") {
			t.Errorf("%s: error %v", path, err)
		}
	}
}

func TestWithoutMiddleware(t *testing.T) {
	st, other := newSite(t, nil), newSite(t, nil)
	for _, serve := range []func(http.HandlerFunc){
		func(h http.HandlerFunc) { h(nil, request("")) },
		func(h http.HandlerFunc) { other.serve(t, request(""), h) },
	} {
		serve(func(_ http.ResponseWriter, r *http.Request) {
			_, err := st.Get(r)
			for i, err := range []error{err, st.Info(r, "a"), st.Keep(r), st.SetLevel(r, 0)} {
				if !errors.Is(err, messages.ErrNoMiddleware) || !errors.Is(err, django.ErrNoMiddleware) {
					t.Errorf("%d: error %v", i, err)
				}
			}
			check(t, "level", st.Level(r), messages.Info)
		})
	}
}

// Outside of the sessions' middleware, messages that may have to be in the session are an error
// at once, not only when the first one does not fit into the cookie.
func TestOutsideOfTheSessions(t *testing.T) {
	for storage, works := range map[string]bool{sessionStorage: false, fallbackStorage: false, cookieStorage: true} {
		st := newSite(t, in(storage))
		handler := st.Middleware(st.sessions.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, err := st.Get(r)
			for i, err := range []error{err, st.Info(r, "a"), st.Keep(r), st.SetLevel(r, 0)} {
				if works != (err == nil) || !works && !errors.Is(err, django.ErrNoMiddleware) {
					t.Errorf("%s: %d: error %v", storage, i, err)
				}
			}
		})))
		check(t, "a cookie", recorded(handler, request("")).Header().Get("Set-Cookie") != "", works)
	}
}

func TestLevels(t *testing.T) {
	st := newSite(t, func(s *django.Settings) {
		s.MessageLevel, s.MessageTags = messages.Debug, map[int]string{messages.Error: "danger", 50: "fatal", messages.Info: ""}
	})
	w := st.serve(t, request(""), func(_ http.ResponseWriter, r *http.Request) {
		for _, f := range []func(*http.Request, string, ...messages.AddOption) error{st.Debug, st.Info, st.Success, st.Warning, st.Error} {
			must(t, f(r, "text"))
		}
		must(t, st.Add(r, 50, "text", messages.ExtraTags("sticky")))
		must(t, st.Add(r, math.MaxInt, "text"))
		check(t, "level", st.Level(r), messages.Debug)
		must(t, st.SetLevel(r, messages.Warning))
		check(t, "level", st.Level(r), messages.Warning)
		must(t, st.Success(r, "dropped"))
	})
	pair, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	var tags []string
	st.serve(t, request(pair), func(_ http.ResponseWriter, r *http.Request) {
		list, err := st.Get(r)
		must(t, err)
		for _, m := range list {
			tags = append(tags, m.Tags())
		}
	})
	check(t, "tags", strings.Join(tags, ","), "debug,,success,warning,danger,sticky fatal,")
}

// A safe text is HTML on both sides, any other is escaped.
func TestSafeTexts(t *testing.T) {
	st := newSite(t, nil)
	page := template.Must(template.New("page").Parse(`{{range .}}<p class="{{.Tags}}">{{.HTML}}|{{.}}</p>{{end}}`))
	w := st.serve(t, request(""), func(w http.ResponseWriter, r *http.Request) {
		must(t, st.Info(r, "<b>&</b>"))
		must(t, st.Info(r, "<b>&amp;</b>", messages.Safe()))
		list, err := st.Get(r)
		must(t, err)
		must(t, page.Execute(w, list))
	})
	check(t, "page", w.Body.String(), `<p class="info">&lt;b&gt;&amp;&lt;/b&gt;|&lt;b&gt;&amp;&lt;/b&gt;</p><p class="info"><b>&amp;</b>|&lt;b&gt;&amp;amp;&lt;/b&gt;</p>`)
}

// Text that Python's str cannot hold is an error at once.
func TestTextThatIsNotUTF8(t *testing.T) {
	st := newSite(t, nil)
	w := st.serve(t, request(""), func(_ http.ResponseWriter, r *http.Request) {
		for _, err := range []error{st.Info(r, "private\xff"), st.Info(r, "a", messages.ExtraTags("private\xff"))} {
			if !errors.As(err, new(*serializer.ValueError)) || strings.Contains(err.Error(), "private") {
				t.Errorf("error %v", err)
			}
		}
	})
	check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
}
