package auth_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
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

func mustSet(t testing.TB, session *django.Session, key string, v any) {
	t.Helper()
	if err := session.Set(key, v); err != nil {
		t.Fatal(err)
	}
}

// TestFallbackSecret: a login under a rotated secret goes on, under a new key and
// with the hash of the new secret, exactly once.
func TestFallbackSecret(t *testing.T) {
	s := newSite(t, nil)
	old := s.login(t, "ann")
	s.settings.SecretKeyFallbacks, s.settings.SecretKey = []string{"another", s.settings.SecretKey}, "the next secret"
	s.open(t)
	var u auth.User
	var err error
	handler := func(w http.ResponseWriter, r *http.Request) { u, err = s.logins.User(r) }
	w := s.get(handler, old)
	if err != nil || u.Username != "ann" {
		t.Fatalf("User: %v, %v", u, err)
	}
	key := newKey(w)
	if key == "" || key == old || s.exists(t, old) {
		t.Fatal("the session kept its key")
	}
	s.settings.SecretKeyFallbacks = nil
	s.open(t)
	if w = s.get(handler, key); err != nil || u.Username != "ann" || newKey(w) != "" {
		t.Errorf("afterwards: %v, %v, new key: %t", u, err, newKey(w) != "")
	}
}

// TestRenewAtOnce: of two requests at once that find an outdated hash, one renews
// it, neither fails, and the browser is left with the key that holds.
func TestRenewAtOnce(t *testing.T) {
	set := func(t testing.TB, session *django.Session) { mustSet(t, session, "cart", 1) }
	for name, c := range map[string]struct {
		every         bool                              // SESSION_SAVE_EVERY_REQUEST
		before, after func(testing.TB, *django.Session) // User, and the other request
		want          int
	}{
		"only asked":                     {want: 200},
		"changed something":              {after: set, want: 400},
		"changed something before":       {before: set, want: 400},
		"saved by hand":                  {after: save, want: 200},
		"saved by hand, and every time":  {every: true, after: save, want: 200},
		"saved by hand and then changed": {after: func(t testing.TB, session *django.Session) { save(t, session); set(t, session) }, want: 400},
	} {
		s := newSite(t, func(set *django.Settings) { set.SessionSaveEveryRequest = c.every })
		old := s.login(t, "ann")
		s.settings.SecretKeyFallbacks, s.settings.SecretKey = []string{s.settings.SecretKey}, "the next secret"
		s.open(t)
		handler := func(then func()) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				if u, err := s.logins.User(r); err != nil || u.Username != "ann" {
					t.Errorf("%s: %v, %v", name, u, err)
				}
				then()
			}
		}
		var first *httptest.ResponseRecorder
		second := s.get(func(w http.ResponseWriter, r *http.Request) {
			session, err := s.sessions.Get(r)
			if err != nil {
				t.Error(err)
			}
			if c.before != nil {
				c.before(t, session)
			}
			handler(func() { first = s.get(handler(func() {}), old) })(w, r)
			if c.after != nil {
				c.after(t, session)
			}
		}, old)
		if first.Code != 200 || newKey(first) == "" || !s.exists(t, newKey(first)) {
			t.Errorf("%s: the first gets %d", name, first.Code)
		}
		// What somebody changed must not get lost without a word.
		if second.Code != c.want || newKey(second) != "" {
			t.Errorf("%s: the second gets %d, and a cookie: %t", name, second.Code, newKey(second) != "")
		}
	}
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

func TestNew(t *testing.T) {
	s := newSite(t, nil)
	for want, c := range map[string]struct {
		change func(*django.Settings)
		opt    auth.Option
	}{
		"AUTHENTICATION_BACKENDS": {func(set *django.Settings) { set.AuthenticationBackends = nil }, nil},
		"PASSWORD_HASHERS":        {func(set *django.Settings) { set.PasswordHashers = []string{"shop.Hasher"} }, nil},
		"WithLogger":              {nil, auth.WithLogger(nil)},
		"WithBackend":             {nil, auth.WithBackend("shop.Backend", auth.Backend{})},
	} {
		set := s.settings
		if c.change != nil {
			c.change(&set)
		}
		sessions, err := django.New(set, dbstore.New(s.db))
		if err != nil {
			t.Fatal(err)
		}
		var opts []auth.Option
		if c.opt != nil {
			opts = append(opts, c.opt)
		}
		if _, err := auth.New(sessions, s.users, opts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := auth.New(nil, s.users); err == nil {
		t.Error("no sessions")
	}
	if _, err := auth.New(s.sessions, nil); err == nil {
		t.Error("no users")
	}
}

// TestLoginsKeepSecrets: however they are printed.
func TestLoginsKeepSecrets(t *testing.T) {
	s := newSite(t, func(set *django.Settings) { set.SecretKeyFallbacks = []string{"an older secret"} })
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "logins", s.logins)
	for _, printed := range []string{log.String(), fmt.Sprintf("%v %+v %#v %s", s.logins, s.logins, s.logins, s.logins)} {
		if strings.Contains(printed, "secret") {
			t.Error(printed)
		}
	}
}

// TestHashAlgorithms: SHA-1 and SHA-256 are accepted and written as that Django does.
func TestHashAlgorithms(t *testing.T) {
	for _, c := range []struct {
		version  string
		change   func(*django.Settings)
		writes   int // length of the hash
		sha1, ok bool
	}{
		{"2.2", nil, 40, true, true},
		{"3.0", nil, 40, true, true},
		{"3.1", nil, 64, true, true},
		{"3.2", nil, 64, true, true},
		{"3.2", func(set *django.Settings) { set.SessionFormat = django.FormatPre31 }, 40, true, true},
		{"4.0", nil, 64, true, false},
		{"6.1", nil, 64, true, false},
		{"6.1", func(set *django.Settings) { set.ReadOlderFormats = true }, 64, true, true},
		{"3.2", func(set *django.Settings) { set.SessionFormat = django.FormatPre31 }, 40, false, false},
		{"2.2", nil, 40, false, false},
	} {
		s := newSite(t, func(set *django.Settings) {
			set.DjangoVersion = c.version
			if c.change != nil {
				c.change(set)
			}
		})
		key := s.login(t, "ann")
		session := s.load(t, key)
		if hash, err := django.Value(session, "_auth_user_hash", ""); err != nil || len(hash) != c.writes {
			t.Errorf("%s writes %d characters: %v", c.version, len(hash), err)
		}
		other := "3.2"
		var format django.Format
		if c.sha1 {
			format = django.FormatPre31
		}
		from := newSite(t, func(set *django.Settings) { set.DjangoVersion, set.SessionFormat = other, format })
		hash, _ := django.Value(from.load(t, from.login(t, "ann")), "_auth_user_hash", "")
		if hash == "" || (len(hash) == 40) != c.sha1 {
			t.Fatalf("hash of %d characters", len(hash))
		}
		mustSet(t, session, "_auth_user_hash", hash)
		v, err := s.logins.Inspect(t.Context(), session)
		if err != nil || v.User.IsAuthenticated() != c.ok || v.Renew != (c.ok && c.version == "6.1") {
			t.Errorf("%s takes a hash of %d characters: %+v, %v", c.version, len(hash), v, err)
		}
	}
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

func TestNoMiddleware(t *testing.T) {
	s := newSite(t, nil)
	r := request("GET", "/")
	_, user := s.logins.User(r)
	_, perm := s.logins.HasPerm(r, "a.b")
	_, ctx := s.logins.FromContext(r.Context())
	for name, err := range map[string]error{
		"FromContext": ctx, "User": user, "HasPerm": perm, "Logout": s.logins.Logout(r), "Login": s.logins.Login(r, s.user(t, "ann")),
		"UpdateSessionAuthHash": s.logins.UpdateSessionAuthHash(r, s.user(t, "ann")),
	} {
		if !errors.Is(err, auth.ErrNoMiddleware) || !errors.Is(err, django.ErrNoMiddleware) || !strings.Contains(err.Error(), "Logins.Middleware") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUserKeepsThePassword: however a user is printed, the hash and what is personal are
// not.
func TestUserKeepsThePassword(t *testing.T) {
	u := auth.User{ID: "1", Username: "ann", Password: "md5$salt$hash", Email: "md5$@example.com", FirstName: "md5$", LastName: "md5$"}.
		WithExtra(map[string]any{"token": "md5$"})
	text, err := json.Marshal(u)
	if err != nil || strings.Contains(string(text), "assword") || strings.Contains(string(text), "mail") {
		t.Fatal(err)
	}
	inXML, err := xml.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "user", u, "pointer", &u, "in", []auth.User{u})
	for _, printed := range []string{string(text), string(inXML), log.String(), fmt.Sprintf("%v %+v %#v %s %q", u, u, u, u, []auth.User{u}), fmt.Sprint(&u)} {
		if strings.Contains(printed, "md5$") || !strings.Contains(printed, "ann") {
			t.Error(printed)
		}
	}
}

func TestReadText(t *testing.T) {
	for text, want := range map[string]string{`"7b1c"`: "7b1c", `""`: "", `7`: "", `null`: "", `"\ud800"`: ""} {
		v, err := serializer.Encode(json.RawMessage(text))
		if err != nil {
			t.Fatal(err)
		}
		if id, ok := auth.ReadText(v); id != want || ok != (want != "") {
			t.Errorf("%s: %q, %t", text, id, ok)
		}
	}
}
