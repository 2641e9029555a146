package compat

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/djangotest"
)

// kitValues are values of every type, as Go has them.
var kitValues = map[string]any{
	"none": nil, "bool": true, "int": 1, "float": 1.0, "text": "café \U0001f600 \x00",
	"list": []any{1, "2", nil, []any{}}, "dict": map[string]any{"tea": 2, "": map[string]any{"x": 0.1}},
}

func (s kitSite) goCreates(t *testing.T) {
	session := s.sessions.NewSession()
	for name, value := range kitValues {
		set(t, session, name, value)
	}
	save(t, session)
	for name, want := range kitValues {
		s.RequireDjangoSees(t, session.Key(), name, want)
	}
	s.RequireDjangoSees(t, session.Key(), "nosuch", djangotest.Absent)
	if err := session.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Session(t, session.Key()).Found {
		t.Error("Django finds a session that Go flushed")
	}
}

func (s kitSite) djangoCreates(t *testing.T) {
	key := s.CreateSession(t, kitValues)
	session := s.load(t, key)
	for name, want := range kitValues {
		got, err := django.Value[any](session, name, "absent")
		if err != nil {
			t.Fatal(err)
		}
		set(t, session, "again "+name, got) // with the type that it had
		s.RequireDjangoSees(t, key, name, want)
	}
	save(t, session)
	key = s.Set(t, key, "none", "set by Django")
	for name, want := range kitValues {
		s.RequireDjangoSees(t, key, "again "+name, want)
	}
	if got, err := django.Value(s.load(t, key), "none", ""); got != "set by Django" || err != nil {
		t.Error(got, err)
	}
	s.DeleteSession(t, key)
	if _, err := s.sessions.Load(t.Context(), key); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("a session that Django deleted: %v", err)
	}
}

func (s kitSite) load(t *testing.T, key string) *django.Session {
	t.Helper()
	session, err := s.sessions.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// expiry: each side has the other's expiry, and finds no session that has expired.
func (s kitSite) expiry(t *testing.T) {
	for _, seconds := range []int{0, 60, 1_000_000} {
		key := s.CreateSession(t, map[string]any{"_session_expiry": seconds})
		session := s.load(t, key)
		age, err := session.ExpiryAge()
		if want := s.Session(t, key); err != nil || age != want.ExpiryAge || session.ExpireAtBrowserClose() != want.ExpireAtBrowserClose {
			t.Errorf("%d seconds: Go has %v and %v (%v), Django %+v", seconds, age, session.ExpireAtBrowserClose(), err, want)
		}
		ours := s.sessions.NewSession()
		if err := ours.SetExpiry(time.Duration(seconds) * time.Second); err != nil {
			t.Fatal(err)
		}
		save(t, ours)
		if got := s.Session(t, ours.Key()); !got.Found || got.ExpiryAge != age || got.ExpireAtBrowserClose != (seconds == 0) {
			t.Errorf("%d seconds: Django has %+v", seconds, got)
		}
	}
	if _, err := s.sessions.Load(t.Context(), s.CreateSession(t, map[string]any{"_session_expiry": -60})); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("a session that expired in Django: %v", err)
	}
	lastMonth := func() time.Time { return time.Now().AddDate(0, -1, 0) }
	past, err := django.New(s.settings, s.engine, django.WithClock(lastMonth))
	if err != nil {
		t.Fatal(err)
	}
	old := past.NewSession()
	save(t, old)
	if s.Session(t, old.Key()).Found {
		t.Error("Django finds a session that has expired")
	}
}

// visit sends a request with a session's cookie, through both middlewares, and returns the
// name of the user whom the handler sees.
func (s kitSite) visit(t *testing.T, key string, handle func(r *http.Request) error) (username string) {
	t.Helper()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := s.logins.User(r)
		if err == nil && handle != nil {
			err = handle(r)
		}
		if err != nil {
			t.Error(err)
		}
		username = user.Username
	})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.AddCookie(s.Cookie(key))
	w := httptest.NewRecorder()
	s.sessions.Middleware(s.logins.Middleware(handler)).ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("status %d", w.Code)
	}
	return username
}

func (s kitSite) djangoLogsIn(t *testing.T, username string) {
	key := s.Login(t, username)
	got := s.visit(t, key, func(r *http.Request) error {
		session, err := s.sessions.Get(r)
		return errors.Join(err, session.Set("cart", map[string]int{"tea": 2}))
	})
	if got != username {
		t.Errorf("Go sees %q logged in, want %q", got, username)
	}
	s.RequireDjangoSees(t, key, "cart", map[string]int{"tea": 2})
	if got := s.User(t, key); got != username {
		t.Errorf("Django sees %q logged in, want %q", got, username)
	}
	s.visit(t, key, s.logins.Logout)
	if s.Session(t, key).Found || s.User(t, s.Login(t, username)) != username {
		t.Error("a logout in Go does not end its session, or ends another one")
	}
}

func (s kitSite) goLogsIn(t *testing.T, username string) {
	login := func() string {
		session := s.sessions.NewSession()
		user, err := s.users.ByUsername(t.Context(), username)
		if err == nil {
			err = s.logins.LoginSession(t.Context(), session, user)
		}
		if err != nil {
			t.Fatal(err)
		}
		save(t, session)
		return session.Key()
	}
	first, second := login(), login()
	if got := s.User(t, first); got != username {
		t.Errorf("Django sees %q logged in, want %q", got, username)
	}
	s.Logout(t, first)
	if got := s.visit(t, first, nil); got != "" {
		t.Errorf("Go sees %q logged in after a logout in Django", got)
	}
	s.SetPassword(t, username, "another")
	if got := s.visit(t, second, nil); got != "" {
		t.Errorf("Go sees %q logged in by an old password", got)
	}
	if got := s.User(t, second); got != "" {
		t.Errorf("Django sees %q logged in by an old password", got)
	}
}
