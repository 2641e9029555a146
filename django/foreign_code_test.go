package django_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// userLog is a log that names the user of each line's session, as services have it.
type userLog struct {
	slog.Handler
	sessions **django.Sessions
	lines    *int
}

func (h userLog) Handle(ctx context.Context, rec slog.Record) error {
	if rec.Level > slog.LevelDebug { // events ask for the session too
		*h.lines++
	}
	if s, err := (*h.sessions).FromContext(ctx); err == nil {
		id, _ := django.Value(s, "_auth_user_id", "")
		rec.AddAttrs(slog.String("user", id))
	}
	return h.Handler.Handle(ctx, rec)
}

func (h userLog) Enabled(context.Context, slog.Level) bool { return true }

func (h userLog) WithAttrs([]slog.Attr) slog.Handler { return h }

// Whatever is logged, the log may ask for the request's session.
func TestLogThatAsksForTheSession(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		do   func(*testing.T, *site, http.ResponseWriter, *http.Request)
	}{
		"changes that a proxied Django's answer leaves behind": {"", func(t *testing.T, st *site, w http.ResponseWriter, r *http.Request) {
			must(t, st.get(r).Set("b", 1))
			must(t, st.other().Delete(r.Context(), validKey))
			w.Header().Add("Set-Cookie", "sessionid=another; Path=/")
		}},
		"a session that is gone": {"", func(t *testing.T, st *site, w http.ResponseWriter, r *http.Request) {
			must(t, st.get(r).Set("b", 1))
			must(t, st.other().Delete(r.Context(), validKey))
		}},
		"a load that fails": {"", func(t *testing.T, st *site, w http.ResponseWriter, r *http.Request) {
			st.store.fail("Load", errDown)
			_, _ = st.Get(r)
		}},
		"a late change": {"", func(t *testing.T, st *site, w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			st.get(r).CycleKey()
		}},
		"a session that cannot be read": {"tampered", func(t *testing.T, st *site, w http.ResponseWriter, r *http.Request) { st.get(r).Len() }},
		"a conflict with one": {"", func(t *testing.T, st *site, w http.ResponseWriter, r *http.Request) {
			st.store.once("Save", func() error { st.putText(validKey, "tampered"); return nil })
			must(t, st.get(r).Set("b", 1))
		}},
		"an error of the handler's": {"", func(t *testing.T, st *site, w http.ResponseWriter, r *http.Request) {
			st.HandleError(w, r, errDown)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			sessions, lines := new(*django.Sessions), 0
			st := newSite(t, nil, django.WithUnreadableAsEmpty(), django.WithTimeout(time.Hour),
				django.WithLogger(slog.New(userLog{slog.DiscardHandler, sessions, &lines})))
			*sessions = st.Sessions
			st.put(validKey, `{"a":1}`)
			if c.text != "" {
				st.putText(validKey, c.text)
			}
			st.serve(validKey, func(w http.ResponseWriter, r *http.Request) { c.do(t, st, w, r) })
			check(t, "lines", lines, 1)
		})
	}
}

// A custom model's columns may be made of the session that is being saved, a clock may
// look at it, and a value's own methods may, too.
func TestCallbacksThatUseTheSession(t *testing.T) {
	st := newSite(t, nil)
	var s *django.Session
	look := func() {
		if s != nil {
			s.Has("a")
			_ = s.Set("seen", true)
		}
	}
	ss, err := django.New(st.Settings(), dbstore.New(st.db, dbstore.WithExtraColumns(func(context.Context, *serializer.Dict) (map[string]any, error) {
		look()
		return nil, nil
	})), django.WithClock(func() time.Time { look(); return testNow }))
	must(t, err)
	s = ss.NewSession()
	must(t, s.Set("a", looking{look}))
	must(t, s.Save(t.Context()))
	_, err = s.ExpiryAge()
	must(t, err)
	_, err = s.ExpiryDate()
	must(t, err)
	into := looking{look}
	_, err = django.Value(s, "a", into)
	must(t, err)
	_, err = django.Pop(s, "a", into)
	must(t, err)
	_, err = django.SetDefault(s, "a", into)
	must(t, err)
	must(t, s.Save(t.Context()))
	must(t, s.Flush(t.Context()))
}

// looking is a value whose methods look at the session.
type looking struct{ look func() }

func (l looking) MarshalJSON() ([]byte, error) { l.look(); return []byte(`"looked"`), nil }

func (l *looking) UnmarshalJSON(text []byte) error {
	if l.look != nil {
		l.look()
	}
	return json.Unmarshal(text, new(string))
}

// An error handler may ask for the session, and change what will not be saved.
func TestErrorHandlerThatAsksForTheSession(t *testing.T) {
	var st *site
	st = newSite(t, nil, django.WithTimeout(time.Hour), django.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, err error) {
		if s, err := st.Get(r); err == nil {
			_ = s.Set("failed", true)
			if err := s.Save(r.Context()); err == nil {
				t.Error("the session was saved")
			}
		}
		django.DefaultErrorHandler(w, r, err)
	}))
	st.put(validKey, `{"a":1}`)
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		st.store.fail("Save", errDown)
		if err := st.UpdateRequest(r, increment); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	check(t, "the status", w.Code, http.StatusServiceUnavailable)
}
