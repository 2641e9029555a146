package auth_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// hanging are Users of whom some calls return only when their context ends.
type hanging struct {
	*watched
	user      auth.User
	byID, set bool
}

func (h hanging) ByUsername(context.Context, string) (auth.User, error) { return h.user, nil }

func (h hanging) ByID(ctx context.Context, id string) (auth.User, error) {
	if h.byID {
		<-ctx.Done()
		return auth.User{}, ctx.Err()
	}
	return h.watched.ByID(ctx, id)
}

func (h hanging) SetPassword(ctx context.Context, id, old, encoded string) (bool, error) {
	if h.set {
		<-ctx.Done()
		return false, ctx.Err()
	}
	return false, nil // it was changed meanwhile
}

func (hanging) SetLastLogin(ctx context.Context, _ string, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

func (hanging) Permissions(ctx context.Context, _ string) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestUsersAreBounded: no call of the users takes longer than the sessions' timeout, even
// with a context that never ends.
func TestUsersAreBounded(t *testing.T) {
	s := newSite(t, nil)
	synctest.Test(t, func(t *testing.T) { usersAreBounded(t, s) })
}

func usersAreBounded(t *testing.T, s *site) {
	ann := s.user(t, "ann")
	ann.IsSuperuser = false
	sessions, err := django.New(s.settings, memstore.New(), django.WithTimeout(time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	loggedIn := sessions.NewSession()
	if s.logins, err = auth.New(sessions, members{}); err != nil {
		t.Fatal(err)
	}
	if err := s.logins.LoginSession(t.Context(), loggedIn, ann); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(*auth.Logins) error{
		"SetPassword":         func(l *auth.Logins) error { _, err := l.SetPassword(t.Context(), ann, "x"); return err },
		"SetUnusablePassword": func(l *auth.Logins) error { _, err := l.SetUnusablePassword(t.Context(), ann); return err },
		"SessionUser":         func(l *auth.Logins) error { _, err := l.SessionUser(t.Context(), loggedIn); return err },
		"Inspect":             func(l *auth.Logins) error { _, err := l.Inspect(t.Context(), loggedIn); return err },
		"LoginSession":        func(l *auth.Logins) error { return l.LoginSession(t.Context(), sessions.NewSession(), ann) },
		"Permissions":         func(l *auth.Logins) error { _, err := l.Permissions(t.Context(), ann); return err },
		"UserHasPerm":         func(l *auth.Logins) error { _, err := l.UserHasPerm(t.Context(), ann, "a.b"); return err },
	} {
		logins, err := auth.New(sessions, hanging{watched: s.users, byID: true, set: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := call(logins); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUpgradeIsBounded: a hash that cannot be replaced in time is not, and the login goes on;
// if it is unknown what replaced it, that is an error.
func TestUpgradeIsBounded(t *testing.T) {
	s := newSite(t, nil)
	synctest.Test(t, func(t *testing.T) { upgradeIsBounded(t, s) })
}

func upgradeIsBounded(t *testing.T, s *site) {
	ann := s.user(t, "ann")
	sessions, err := django.New(s.settings, memstore.New(), django.WithTimeout(500*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		users hanging
		want  error
	}{{hanging{user: ann, set: true}, nil}, {hanging{user: ann, byID: true}, context.DeadlineExceeded}} {
		logins, err := auth.New(sessions, c.users, auth.WithHashers(explicitHashers(t)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := logins.Authenticate(t.Context(), "ann", annPassword); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// deadlines are Users that note when their calls must end.
type deadlines struct {
	*watched
	byUsername, set time.Time
}

func (d *deadlines) ByUsername(ctx context.Context, name string) (auth.User, error) {
	d.byUsername, _ = ctx.Deadline()
	return d.watched.ByUsername(ctx, name)
}

func (d *deadlines) SetPassword(ctx context.Context, id, old, encoded string) (bool, error) {
	d.set, _ = ctx.Deadline()
	return d.watched.SetPassword(ctx, id, old, encoded)
}

// TestHashesDoNotUseUpTheTimeout: storing a password has the sessions' timeout for itself,
// however long the hash before took.
func TestHashesDoNotUseUpTheTimeout(t *testing.T) {
	s := newSite(t, nil)
	users := &deadlines{watched: s.users}
	slow, err := hashers.New(hashers.Options{PasswordHashers: []string{"pbkdf2_sha256", "md5"},
		Parameters: map[string]hashers.Parameters{"pbkdf2_sha256": hashers.PBKDF2SHA256{Iterations: 300_000}}})
	if err != nil {
		t.Fatal(err)
	}
	s.withUsers(t, users, auth.WithHashers(slow))
	const hash = 5 * time.Millisecond // takes longer
	if _, err := s.logins.Authenticate(t.Context(), "ann", annPassword); err != nil || users.set.Before(users.byUsername.Add(hash)) {
		t.Errorf("Authenticate: %v; look up by %v, store by %v", err, users.byUsername, users.set)
	}
	before := time.Now().Add(s.sessions.Timeout())
	if _, err := s.logins.SetPassword(t.Context(), s.user(t, "ann"), "x"); err != nil || users.set.Before(before.Add(hash)) {
		t.Errorf("SetPassword: %v; store by %v, and a hash from now %v", err, users.set, before)
	}
}
