package djangotest

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// Memory is a site without Django: its sessions and users are in memory, and its clock
// stands still until the test moves it. Safe for concurrent use.
//
// Its methods do not use the test's context, so that they work in functions of Cleanup too.
type Memory struct {
	// Sessions and Logins are for the service that is tested.
	Sessions *django.Sessions
	Logins   *auth.Logins
	// Users holds what NewUser made, for an auth.New with options.
	Users auth.Users
	// Clock is the clock of the sessions, the logins and the clients.
	Clock *Clock

	users *users
}

// New returns a site with Django's default settings as change leaves them: UTC, a secret
// key, and MD5PasswordHasher, so that logins are fast. The test fails if they cannot be used.
func New(t testing.TB, change ...func(*django.Settings)) *Memory {
	t.Helper()
	settings := django.DefaultSettings()
	settings.SecretKey = "djangotest"
	settings.UseTZ = new(true)
	settings.TimeZone = "UTC"
	settings.PasswordHashers = []string{"django.contrib.auth.hashers.MD5PasswordHasher"}
	for _, f := range change {
		f(&settings)
	}
	m := &Memory{Clock: newClock(), users: newUsers()}
	m.Users = m.users
	var err error
	if m.Sessions, err = django.New(settings, memstore.New(), django.WithClock(m.Clock.Now)); err != nil {
		t.Fatal(err)
	}
	if m.Logins, err = auth.New(m.Sessions, m.users); err != nil {
		t.Fatal(err)
	}
	return m
}

// NewUser stores a new active user as change leaves them, and returns them. Without a
// password they can only be logged in by ForceLogin. The test fails if the name is taken.
func (m *Memory) NewUser(t testing.TB, username, password string, change ...func(*auth.User)) auth.User {
	t.Helper()
	u, err := m.users.add(username, change...)
	if err == nil && password != "" {
		u, err = m.Logins.SetPassword(context.Background(), u, password)
	}
	if err != nil {
		t.Fatalf("djangotest: NewUser: %v", err)
	}
	return u
}

// Grant gives a user permissions, as "app_label.codename".
func (m *Memory) Grant(u auth.User, permissions ...string) { m.users.grant(u.ID, permissions) }

// ForceLogin logs a user in without a password, in a new session, and returns its cookie.
// For the session of a browser see [Client.ForceLogin].
func (m *Memory) ForceLogin(t testing.TB, u auth.User) *http.Cookie {
	t.Helper()
	return m.forceLogin(t, m.Sessions.NewSession(), u)
}

// forceLogin logs a user in by a session, and returns the session's cookie.
func (m *Memory) forceLogin(t testing.TB, s *django.Session, u auth.User) *http.Cookie {
	t.Helper()
	if u.Backend == "" {
		u.Backend = m.Sessions.Settings().AuthenticationBackends[0]
	}
	if err := m.Logins.LoginSession(context.Background(), s, u); err != nil {
		t.Fatalf("djangotest: ForceLogin: %v", err)
	}
	return m.save(t, s)
}

// CreateSession stores a session that holds these values and returns its cookie.
func (m *Memory) CreateSession(t testing.TB, values map[string]any) *http.Cookie {
	t.Helper()
	s := m.Sessions.NewSession()
	for name, value := range values {
		if err := s.Set(name, value); err != nil {
			t.Fatalf("djangotest: CreateSession: %v", err)
		}
	}
	return m.save(t, s)
}

func (m *Memory) save(t testing.TB, s *django.Session) *http.Cookie {
	t.Helper()
	if err := s.Save(context.Background()); err != nil {
		t.Fatalf("djangotest: saving the session: %v", err)
	}
	return &http.Cookie{Name: m.Sessions.Settings().SessionCookieName, Value: s.Key(), Path: "/"}
}

// Session returns the session that a cookie leads to, as it is stored now. If there is
// none, or the cookie is nil, it is an empty one without a Key.
func (m *Memory) Session(t testing.TB, cookie *http.Cookie) *django.Session {
	t.Helper()
	if cookie == nil {
		return m.Sessions.NewSession()
	}
	s, err := m.Sessions.Load(context.Background(), cookie.Value)
	switch {
	case errors.Is(err, django.ErrNotFound):
		return m.Sessions.NewSession()
	case err != nil:
		t.Fatalf("djangotest: loading the session: %v", err)
	}
	return s
}
