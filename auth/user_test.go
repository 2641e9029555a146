package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
)

// TestUser: who is logged in, and what becomes of the session: the stored one stays, and
// only what Django flushes goes under WithFlush.
func TestUser(t *testing.T) {
	const stays, goes = true, false
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	for name, c := range map[string]struct {
		change func(t *testing.T, s *site, session *django.Session)
		user   string
		reason error
		fate   bool
	}{
		"good": {nil, "ann", nil, stays},
		"no id": {func(t *testing.T, s *site, session *django.Session) { session.Delete("_auth_user_id") },
			"", auth.ErrNotLoggedIn, stays},
		"no backend": {func(t *testing.T, s *site, session *django.Session) { session.Delete("_auth_user_backend") },
			"", auth.ErrNotLoggedIn, stays},
		"another backend":    {set("_auth_user_backend", "shop.backends.Other"), "", auth.ErrUnknownBackend, stays},
		"backend is no text": {set("_auth_user_backend", 1), "", auth.ErrUnknownBackend, stays},
		"malformed id":       {set("_auth_user_id", "one"), "", auth.ErrMalformedID, stays},
		"id is a list":       {set("_auth_user_id", []int{1}), "", auth.ErrMalformedID, stays},
		"id is a number":     {set("_auth_user_id", 1), "ann", nil, stays},
		"unknown id":         {set("_auth_user_id", "99"), "", auth.ErrNoUser, stays},
		"inactive": {func(t *testing.T, s *site, _ *django.Session) {
			s.exec(t, "UPDATE auth_user SET is_active = 0 WHERE id = 1")
		}, "", auth.ErrInactive, stays},
		"no hash": {func(t *testing.T, s *site, session *django.Session) { session.Delete("_auth_user_hash") },
			"", auth.ErrHashMissing, goes},
		"hash null":       {set("_auth_user_hash", nil), "", auth.ErrHashMissing, goes},
		"hash empty":      {set("_auth_user_hash", ""), "", auth.ErrHashMismatch, goes},
		"hash false":      {set("_auth_user_hash", false), "", auth.ErrHashMismatch, goes},
		"hash 0.0":        {set("_auth_user_hash", raw("0.0")), "", auth.ErrHashMismatch, goes},
		"hash {}":         {set("_auth_user_hash", raw("{}")), "", auth.ErrHashMismatch, goes},
		"hash true":       {set("_auth_user_hash", true), "", auth.ErrHashMismatch, goes},
		"hash is a list":  {set("_auth_user_hash", []string{"x"}), "", auth.ErrHashMismatch, goes},
		"hash of another": {set("_auth_user_hash", strings.Repeat("0", 64)), "", auth.ErrHashMismatch, goes},
		"lone surrogate":  {set("_auth_user_hash", raw(`"\ud800"`)), "", auth.ErrHashMalformed, stays},
		"upper case": {func(t *testing.T, s *site, session *django.Session) {
			hash, err := django.Value(session, "_auth_user_hash", "")
			if err != nil || hash == "" {
				t.Fatal("no hash")
			}
			mustSet(t, session, "_auth_user_hash", strings.ToUpper(hash))
		}, "", auth.ErrHashMismatch, goes},
		"password changed": {func(t *testing.T, s *site, _ *django.Session) {
			s.exec(t, "UPDATE auth_user SET password = 'x' WHERE id = 1")
		}, "", auth.ErrHashMismatch, goes},
	} {
		for _, flush := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, flush: %t", name, flush), func(t *testing.T) {
				t.Parallel()
				s := newSite(t, nil)
				if flush {
					s.open(t, auth.WithFlush())
				}
				key := s.login(t, "ann")
				session := s.load(t, key)
				if c.change != nil {
					c.change(t, s, session)
				}
				mustSet(t, session, "cart", 1)
				save(t, session)

				v, err := s.logins.Inspect(t.Context(), s.load(t, key))
				if err != nil || v.User.Username != c.user || !errors.Is(v.Reason, c.reason) || v.Flush == c.fate || v.Renew {
					t.Errorf("Inspect: %+v, %v", v, err)
				}
				if !s.exists(t, key) {
					t.Error("Inspect flushed the session")
				}
				var u auth.User
				w := s.get(func(w http.ResponseWriter, r *http.Request) {
					u, err = s.logins.User(r)
					_, _ = s.logins.User(r)
					if now, err := s.sessions.Get(r); err != nil || now.Has("cart") != c.fate || now.Has("_auth_user_id") != (c.fate && name != "no id") {
						t.Errorf("the old session is shown: %t, %v", now.Has("cart"), err)
					}
				}, key)
				if err != nil || u.Username != c.user || u.IsAuthenticated() != (c.user != "") {
					t.Errorf("User: %v, %v", u, err)
				}
				gone := flush && !c.fate
				if s.exists(t, key) == gone {
					t.Errorf("the session is there: %t", gone)
				}
				if cookie := newKey(w); cookie != "" {
					t.Error("the session has a new key")
				}
				if deleted := strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0"); deleted != gone {
					t.Errorf("the cookie is deleted: %t", deleted)
				}
				// What wrong settings may have caused is logged, once.
				misconfigured := c.reason == auth.ErrUnknownBackend || c.reason == auth.ErrMalformedID
				logged, warned := 0, 0
				if !c.fate || misconfigured {
					logged = 1
				}
				if !gone {
					warned = logged
				}
				log := s.log.String()
				if n := strings.Count(log, "login was not accepted"); n != logged || strings.Count(log, "level=WARN") != warned || strings.Contains(log, key) {
					t.Errorf("logged %s", log)
				}
				if misconfigured {
					holds(t, log, "the session stays", "compare", "method=GET", "path=/page/")
				}
			})
		}
	}
}

func set(key string, v any) func(*testing.T, *site, *django.Session) {
	return func(t *testing.T, _ *site, session *django.Session) { mustSet(t, session, key, v) }
}

// TestFlushFails: a session that is to be thrown away and cannot be fails the
// request.
func TestFlushFails(t *testing.T) {
	s := newSite(t, nil)
	s.open(t, auth.WithFlush())
	key := s.login(t, "ann")
	s.exec(t, "UPDATE auth_user SET password = 'x'")
	s.exec(t, "CREATE TRIGGER keep BEFORE DELETE ON django_session BEGIN SELECT RAISE(ABORT, 'no'); END")
	w := s.get(func(w http.ResponseWriter, r *http.Request) {
		if u, err := s.logins.User(r); err == nil || u.IsAuthenticated() {
			t.Errorf("User: %v, %v", u, err)
		}
	}, key)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", w.Code)
	}
}

// TestUserAtOnce: many goroutines of one request ask, and the users are asked once.
func TestUserAtOnce(t *testing.T) {
	s := newSite(t, nil)
	key := s.login(t, "ann")
	s.get(func(w http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				u, err := s.logins.User(r)
				_, perm := s.logins.HasPerm(r, "shop.sell")
				if err != nil || perm != nil || u.Username != "ann" {
					t.Errorf("%v, %v, %v", u, err, perm)
				}
			})
		}
		wg.Wait()
	}, key)
	if s.users.asked.Load() != 1 || s.users.perms.Load() != 1 {
		t.Errorf("asked %d times, for permissions %d times", s.users.asked.Load(), s.users.perms.Load())
	}
}

// TestPartOfARequest: a part of the request that has ended does not end the rest.
func TestPartOfARequest(t *testing.T) {
	s := newSite(t, nil)
	s.get(func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.sessions.Get(r); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		if _, err := s.logins.User(r.WithContext(ctx)); !errors.Is(err, context.Canceled) {
			t.Errorf("the part: %v", err)
		}
		if u, err := s.logins.User(r); err != nil || u.Username != "ann" {
			t.Errorf("the request: %v, %v", u, err)
		}
	}, s.login(t, "ann"))
}

// TestUserIsAskedOnce: one question for a request, none for a visitor without a
// login.
func TestUserIsAskedOnce(t *testing.T) {
	s := newSite(t, nil)
	anonymous := s.sessions.NewSession()
	mustSet(t, anonymous, "cart", 1)
	save(t, anonymous)
	for _, c := range []struct {
		key  string
		want int32
	}{{"", 0}, {anonymous.Key(), 0}, {s.login(t, "ann"), 1}} {
		before := s.users.asked.Load()
		s.get(func(w http.ResponseWriter, r *http.Request) {
			for range 3 {
				if _, err := s.logins.User(r); err != nil {
					t.Error(err)
				}
			}
		}, c.key)
		if asked := s.users.asked.Load() - before; asked != c.want {
			t.Errorf("%d questions, want %d", asked, c.want)
		}
	}
}

// TestUsersFail: what fails is an error, never an anonymous visitor, and the
// session stays.
func TestUsersFail(t *testing.T) {
	s := newSite(t, nil)
	key := s.login(t, "ann")
	s.users.fail = errors.New("the table is on fire")
	for name, guard := range map[string]func(http.Handler) http.Handler{
		"login":      s.logins.RequireLogin(),
		"API":        s.logins.RequireLogin(auth.ForAPI()),
		"user":       s.logins.RequireUser(func(u auth.User) bool { return !u.IsAuthenticated() }),
		"permission": s.logins.RequirePerm([]string{"shop.sell"}),
	} {
		w := s.send(guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error(name + ": let through") })), request("GET", "/"), key)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Location") != "" {
			t.Errorf("%s: status %d, %v", name, w.Code, w.Header())
		}
	}
	s.get(func(w http.ResponseWriter, r *http.Request) {
		if u, err := s.logins.User(r); !errors.Is(err, s.users.fail) || u.IsAuthenticated() {
			t.Errorf("User: %v, %v", u, err)
		}
	}, key)
	if _, err := s.logins.Authenticate(t.Context(), "ann", annPassword); !errors.Is(err, s.users.fail) {
		t.Errorf("Authenticate: %v", err)
	}
	if !s.exists(t, key) {
		t.Error("the session is gone")
	}
	holds(t, s.log.String(), "the table is on fire")
}
