package django_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// misread are settings and texts with which a stored session, whole for Django,
// cannot be read here.
var misread = map[string]struct {
	setting func(*django.Settings)
	text    func(*site) string
	err     error
	hint    string // in the error
}{
	"another SECRET_KEY": {
		setting: func(s *django.Settings) { s.SecretKey = "of another environment" },
		err:     django.ErrCorrupt, hint: "SECRET_KEY",
	},
	"a key that was rotated in Django first": {
		setting: func(s *django.Settings) { s.SecretKey, s.SecretKeyFallbacks = "next", []string{"previous"} },
		err:     django.ErrCorrupt, hint: "SECRET_KEY_FALLBACKS",
	},
	"another session class": {
		setting: func(s *django.Settings) { s.SessionStoreClass = "CustomStore" },
		err:     django.ErrCorrupt, hint: "SessionStoreClass",
	},
	"the format before Django 3.1": {
		setting: func(s *django.Settings) { s.DjangoVersion = "2.2" },
		err:     django.ErrCorrupt, hint: "DjangoVersion",
	},
	"a pickle": {
		text: func(st *site) string { return sign(st.t, st.Codec(), "\x80\x04}\x94.") },
		err:  django.ErrUnreadable, hint: "SESSION_SERIALIZER",
	},
	"JSON that is no dict": {
		text: func(st *site) string { return sign(st.t, st.Codec(), `[1]`) },
		err:  django.ErrUnreadable, hint: "SESSION_SERIALIZER",
	},
	"a text that was cut off": {
		text: func(st *site) string { return sign(st.t, st.Codec(), `{"a":1}`)[:20] },
		err:  django.ErrCorrupt, hint: "SECRET_KEY",
	},
	"nothing": {
		text: func(*site) string { return "" },
		err:  django.ErrCorrupt, hint: "SECRET_KEY",
	},
}

// eachMisread runs f for each of them with a site that cannot read what is stored under
// validKey.
func eachMisread(t *testing.T, f func(t *testing.T, st *site, err error, hint string), opts ...django.Option) {
	for name, c := range misread {
		t.Run(name, func(t *testing.T) {
			right := newSite(t, nil)
			text := sign(t, right.Codec(), `{"_auth_user_id":"7","cart":{"a":1}}`)
			if c.text != nil {
				text = c.text(right)
			}
			st := newSite(t, c.setting, opts...)
			st.putText(validKey, text)
			f(t, st, c.err, c.hint)
			if len(opts) == 0 {
				check(t, "the stored text", st.text(validKey), text)
			}
		})
	}
}

// A session that cannot be read is an error of everything that loads it, which says
// what to compare.
func TestUnreadableIsAnError(t *testing.T) {
	eachMisread(t, func(t *testing.T, st *site, want error, hint string) {
		other := func(*django.Session) error { t.Error("the function was called"); return nil }
		for name, f := range map[string]func() error{
			"Load":   func() error { _, err := st.Load(t.Context(), validKey); return err },
			"Update": func() error { return st.Update(t.Context(), validKey, other) },
			"With": func() error {
				store, err := st.With(dbstore.New(st.db))
				must(t, err)
				return store.Update(t.Context(), validKey, other)
			},
		} {
			if err := f(); !errors.Is(err, want) || !strings.Contains(err.Error(), hint) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A request with such a session fails with 500, whatever its handler does; one whose
// handler does not ask for the session goes on, unless the session is saved each time.
func TestUnreadableFailsTheRequest(t *testing.T) {
	handlers := map[string]func(*testing.T, *site, http.ResponseWriter, *http.Request){
		"returns": func(t *testing.T, st *site, w http.ResponseWriter, r *http.Request) {
			if _, err := st.Get(r); err == nil {
				t.Error("Get gave a session")
			}
		},
		"reports": func(t *testing.T, st *site, w http.ResponseWriter, r *http.Request) {
			_, err := st.Get(r)
			st.HandleError(w, r, err)
		},
		"ignores the error": func(t *testing.T, st *site, w http.ResponseWriter, r *http.Request) {
			_, _ = st.Get(r)
			_, _ = w.Write([]byte("welcome"))
		},
		"updates": func(t *testing.T, st *site, w http.ResponseWriter, r *http.Request) {
			if err := st.UpdateRequest(r, increment); err == nil {
				t.Error("UpdateRequest gave no error")
			}
		},
	}
	for name, h := range handlers {
		t.Run(name, func(t *testing.T) {
			eachMisread(t, func(t *testing.T, st *site, _ error, hint string) {
				w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) { h(t, st, w, r) })
				check(t, "the status", w.Code, http.StatusInternalServerError)
				check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
				log := st.logs.String()
				if strings.Count(log, "level=ERROR") != 1 || !strings.Contains(log, hint) || !strings.Contains(log, "path=/") {
					t.Errorf("the log is %q", log)
				}
			})
		})
	}
	eachMisread(t, func(t *testing.T, st *site, _ error, _ string) {
		w := st.serve(validKey, func(http.ResponseWriter, *http.Request) {})
		check(t, "the status without a look", w.Code, http.StatusOK)
		check(t, "Set-Cookie without a look", w.Header().Get("Set-Cookie"), "")
	})
	st := newSite(t, func(s *django.Settings) { s.SessionSaveEveryRequest = true })
	st.putText(validKey, "tampered")
	w := st.serve(validKey, func(http.ResponseWriter, *http.Request) {})
	check(t, "the status under SESSION_SAVE_EVERY_REQUEST", w.Code, http.StatusInternalServerError)
	check(t, "the stored text", st.text(validKey), "tampered")
}

// With WithUnreadableAsEmpty the session starts over, as for Django.
func TestUnreadableAsEmpty(t *testing.T) {
	eachMisread(t, func(t *testing.T, st *site, _ error, _ string) {
		before := st.text(validKey)
		w := st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) { check(t, "its length", st.get(r).Len(), 0) })
		check(t, "the status", w.Code, http.StatusOK)
		check(t, "the stored text", st.text(validKey), before)
		must(t, st.Update(t.Context(), validKey, func(s *django.Session) error { return s.Set("b", 1) }))
		check(t, "what is stored", st.data(validKey), `{"b":1}`)
		if log := st.logs.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, "Session data corrupted") {
			t.Errorf("the log is %q", log)
		}
	}, django.WithUnreadableAsEmpty())
}

// Another writer stores, between the load and the save, what cannot be read here: that
// is not overwritten either.
func TestUnreadableConflict(t *testing.T) {
	changes := map[string]func(*django.Session){
		"set":   func(s *django.Session) { _ = s.Set("b", 1) },
		"cycle": (*django.Session).CycleKey,
		"clear": (*django.Session).Clear,
		"touch": (*django.Session).MarkModified,
		"renew": func(s *django.Session) { _ = s.Renew("b", 1) },
	}
	for name, change := range changes {
		for _, update := range []bool{false, true} {
			st := newSite(t, nil)
			st.put(validKey, `{"a":1}`)
			s := st.load(validKey)
			st.store.once("Save", func() error { st.putText(validKey, "by a Django with a new SECRET_KEY"); return nil })
			var err error
			if update {
				err = st.Update(t.Context(), validKey, func(s *django.Session) error { return s.Set("b", 1) })
			} else {
				change(s)
				err = s.Save(t.Context())
			}
			if !errors.Is(err, django.ErrCorrupt) {
				t.Errorf("%s: %v", name, err)
			}
			check(t, "the stored text after "+name, st.text(validKey), "by a Django with a new SECRET_KEY")
			check(t, "sessions after "+name, len(st.keys()), 1)
		}
	}
}

// Check is the store's; a store that cannot check itself is fine.
func TestCheck(t *testing.T) {
	st := newSite(t, nil)
	must(t, st.Check(t.Context())) // watchedStore has none
	var at time.Time
	ss, err := django.New(st.Settings(), django.EngineFunc(func(django.Site) (django.Store, error) {
		return checkedStore{st.store, func(now time.Time) error { at = now; return errDown }}, nil
	}), django.WithClock(func() time.Time { return testNow }))
	must(t, err)
	if err := ss.Check(t.Context()); !errors.Is(err, errDown) || !at.Equal(testNow) {
		t.Errorf("%v, at %v", err, at)
	}
}

type checkedStore struct {
	django.Store
	check func(time.Time) error
}

func (s checkedStore) Check(_ context.Context, now time.Time) error { return s.check(now) }
