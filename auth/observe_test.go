package auth_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// recorder is an Observer that keeps the events of logins.
type recorder struct {
	mu     sync.Mutex
	open   int
	events []string
}

func (r *recorder) Start(ctx context.Context, _ django.Operation) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open++
	return ctx
}

func (r *recorder) End(_ context.Context, e django.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open--
	switch e.Operation {
	case django.OpLoad, django.OpCreate, django.OpSave, django.OpDelete:
		return
	}
	r.events = append(r.events, strings.TrimSpace(string(e.Operation)+" "+string(e.Outcome)+" "+e.UserID))
}

// observed has a site's sessions and logins observed, and logged at debug.
func (s *site) observed(t *testing.T) *recorder {
	t.Helper()
	rec := new(recorder)
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if s.sessions, err = django.New(s.settings, dbstore.New(s.db), django.WithLogger(logger), django.WithObserver(rec)); err != nil {
		t.Fatal(err)
	}
	table, err := usertable.Open(s.db, s.sessions)
	if err != nil {
		t.Fatal(err)
	}
	s.users = &watched{Table: table}
	s.withUsers(t, s.users, auth.WithLogger(logger))
	return rec
}

func TestLoginEvents(t *testing.T) {
	const wrong = "wrong-password"
	for name, c := range map[string]struct {
		do     func(*testing.T, *site)
		events []string
		log    string // what the only line about logins holds; "" if there is none
	}{
		"log in": {func(t *testing.T, s *site) {
			s.get(func(_ http.ResponseWriter, r *http.Request) {
				u, err := s.logins.Authenticate(r.Context(), "ann", annPassword)
				if err == nil {
					err = s.logins.Login(r, u)
				}
				if err != nil {
					t.Error(err)
				}
			}, "")
		}, []string{"authenticate ok", "login ok 1"}, `level=DEBUG msg="user logged in"`},
		"log in without a request": {func(t *testing.T, s *site) { s.login(t, "ann") }, []string{"login ok 1"}, `level=DEBUG msg="user logged in"`},
		"log out": {func(t *testing.T, s *site) {
			s.get(func(_ http.ResponseWriter, r *http.Request) {
				if err := s.logins.Logout(r); err != nil {
					t.Error(err)
				}
			}, s.login(t, "ann"))
		}, []string{"login ok 1", "logout ok 1"}, `level=DEBUG msg="user logged out" engine=django.contrib.sessions.backends.db`},
		"log out nobody": {func(t *testing.T, s *site) {
			if err := s.logins.LogoutSession(t.Context(), s.sessions.NewSession()); err != nil {
				t.Error(err)
			}
		}, []string{"logout ok"}, `level=DEBUG msg="user logged out"`},
		"wrong password": {func(t *testing.T, s *site) {
			_, err := s.logins.Authenticate(t.Context(), "ann", wrong)
			if err == nil {
				t.Error("no error")
			}
		}, []string{"authenticate denied"}, `level=INFO msg="login failed"`},
		"changed password": {func(t *testing.T, s *site) {
			key := s.login(t, "ann")
			s.exec(t, "UPDATE auth_user SET password = 'md5$a$b'")
			s.get(func(_ http.ResponseWriter, r *http.Request) {
				for range 2 {
					if u, err := s.logins.User(r); err != nil || u.IsAuthenticated() {
						t.Error(u, err)
					}
				}
			}, key)
		}, []string{"login ok 1", "reject_login rejected"}, `level=WARN msg="login was not accepted;`},
		"inactive user": {func(t *testing.T, s *site) {
			key := s.login(t, "ann")
			s.exec(t, "UPDATE auth_user SET is_active = 0")
			s.get(func(_ http.ResponseWriter, r *http.Request) {
				for range 2 {
					if u, err := s.logins.User(r); err != nil || u.IsAuthenticated() {
						t.Error(u, err)
					}
				}
			}, key)
		}, []string{"login ok 1", "reject_login rejected"}, `level=DEBUG msg="login was not accepted;`},
		"user table down": {func(t *testing.T, s *site) {
			s.exec(t, "DROP TABLE auth_user_groups")
			s.exec(t, "DROP TABLE auth_user_user_permissions")
			s.exec(t, "DROP TABLE auth_user")
			if _, err := s.logins.Authenticate(t.Context(), "ann", annPassword); err == nil {
				t.Error("no error")
			}
		}, []string{"authenticate failed"}, ""},
		"nobody to log in": {func(t *testing.T, s *site) {
			s.get(func(_ http.ResponseWriter, r *http.Request) {
				if err := s.logins.Login(r, auth.User{}); err == nil {
					t.Error("no error")
				}
			}, "")
		}, []string{"login failed"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			rec := s.observed(t)
			c.do(t, s)
			if rec.open != 0 || !slices.Equal(rec.events, c.events) {
				t.Errorf("%q, and %d open, want %q", rec.events, rec.open, c.events)
			}
			var lines []string
			for line := range strings.Lines(s.log.String()) {
				if strings.Contains(line, "login") || strings.Contains(line, "user") {
					lines = append(lines, line)
				}
			}
			if len(c.events) > 1 && c.events[0] == "login ok 1" && len(lines) > 0 {
				lines = lines[1:] // that of the preparation
			}
			if c.log == "" && len(lines) > 0 || c.log != "" && (len(lines) != 1 || !strings.Contains(lines[0], c.log)) {
				t.Errorf("logged %q, want one line with %s", lines, c.log)
			}
			for _, secret := range []string{annPassword, wrong, annHash, "ann", "md5$"} {
				if strings.Contains(s.log.String(), secret) {
					t.Errorf("the log holds %q:\n%s", secret, s.log)
				}
			}
		})
	}
}

// panickingUsers are Users that panic.
type panickingUsers struct{ auth.Users }

func (panickingUsers) ByUsername(context.Context, string) (auth.User, error) { panic("the users'") }

// A check of a password that panics has ended too.
func TestEventOfPanic(t *testing.T) {
	s := newSite(t, nil)
	rec := s.observed(t)
	s.withUsers(t, panickingUsers{s.users})
	func() {
		defer func() { _ = recover() }()
		_, _ = s.logins.Authenticate(t.Context(), "ann", annPassword)
		t.Error("no panic")
	}()
	if rec.open != 0 || !slices.Equal(rec.events, []string{"authenticate panicked"}) {
		t.Errorf("%q, and %d open", rec.events, rec.open)
	}
}

// A log that asks who is logged in, as services have it, may do so at every event.
func TestEventsThatAskForTheUser(t *testing.T) {
	s := newSite(t, nil)
	asking := &askingObserver{}
	var err error
	if s.sessions, err = django.New(s.settings, dbstore.New(s.db), django.WithObserver(asking)); err != nil {
		t.Fatal(err)
	}
	s.withUsers(t, s.users)
	asking.logins = s.logins
	w := s.get(func(_ http.ResponseWriter, r *http.Request) {
		asking.r = r
		if err := s.logins.Login(r, s.user(t, "ann")); err != nil {
			t.Error(err)
		}
		if u, err := s.logins.User(r); err != nil || u.ID != "1" {
			t.Error(u, err)
		}
		if err := s.logins.Logout(r); err != nil {
			t.Error(err)
		}
	}, "")
	if w.Code != http.StatusOK || asking.calls < 4 {
		t.Errorf("status %d, %d calls", w.Code, asking.calls)
	}
}

// askingObserver asks for the user, with the context that it gets and with the request.
type askingObserver struct {
	logins *auth.Logins
	r      *http.Request
	calls  int
}

func (o *askingObserver) Start(ctx context.Context, _ django.Operation) context.Context {
	o.ask(ctx)
	return ctx
}

func (o *askingObserver) End(ctx context.Context, _ django.Event) { o.ask(ctx) }

func (o *askingObserver) ask(ctx context.Context) {
	o.calls++
	_, _ = o.logins.FromContext(ctx)
	_, _ = o.logins.User(o.r)
}
