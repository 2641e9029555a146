package auth_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/djsession/djsession/auth"
)

// talkative are Users that call back on every question.
type talkative struct {
	*watched
	say func(context.Context)
}

func (u talkative) ByID(ctx context.Context, id string) (auth.User, error) {
	u.say(ctx)
	return u.watched.ByID(ctx, id)
}

func (u talkative) Permissions(ctx context.Context, id string) ([]string, error) {
	u.say(ctx)
	return u.watched.Permissions(ctx, id)
}

// deeply calls f with at least depth frames on the stack.
func deeply(depth int, f func()) {
	if depth == 0 {
		f()
		return
	}
	deeply(depth-1, f)
	runtime.KeepAlive(depth) // no tail call
}

// TestReentrant: whoever asks for the user inside its own look-up, with the request's
// context or with a request kept from before, from the same goroutine or another that it
// waits for, gets an error, and the look-up its answer.
func TestReentrant(t *testing.T) {
	for name, c := range map[string]struct {
		elsewhere bool
		depth     int // of the stack
	}{"same goroutine": {}, "deep stack": {depth: 3000}, "another": {elsewhere: true}} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			key := s.login(t, "ann")
			var kept *http.Request
			var calls atomic.Int32
			users := talkative{watched: s.users}
			users.say = func(ctx context.Context) {
				ask := func() {
					calls.Add(1)
					_, byContext := s.logins.FromContext(ctx)
					errs := map[string]error{"FromContext": byContext}
					if !c.elsewhere {
						// The goroutine tells what the context does not.
						_, errs["User"] = s.logins.User(kept)
						_, errs["HasPerm"] = s.logins.HasPerm(kept, "a.b")
						errs["Login"] = s.logins.Login(kept, auth.User{ID: "1", Password: "x", IsActive: true})
						errs["Logout"] = s.logins.Logout(kept)
						_, errs["ChangePassword"] = s.logins.ChangePassword(kept, auth.User{ID: "1", Password: "x"}, "battery staple")
						errs["UpdateSessionAuthHash"] = s.logins.UpdateSessionAuthHash(kept, auth.User{ID: "1", Password: "x"})
					}
					for name, err := range errs {
						if !errors.Is(err, auth.ErrReentrant) {
							t.Errorf("%s: %v", name, err)
						}
					}
				}
				if !c.elsewhere {
					deeply(c.depth, ask)
					return
				}
				done := make(chan struct{})
				go func() { defer close(done); ask() }()
				<-done
			}
			s.withUsers(t, users)
			s.get(func(w http.ResponseWriter, r *http.Request) {
				kept = r
				if u, err := s.logins.User(r); err != nil || u.Username != "ann" {
					t.Errorf("%v, %v", u, err)
				}
			}, key)
			if calls.Load() != 1 {
				t.Errorf("%d calls", calls.Load())
			}
		})
	}
}

// asking is a log handler that asks who is logged in.
type asking struct {
	slog.Handler
	s     *site
	r     **http.Request
	names *[]string
}

func (h asking) Handle(ctx context.Context, record slog.Record) error {
	u, err := h.s.logins.User(*h.r)
	if err != nil {
		*h.names = append(*h.names, err.Error())
	} else {
		*h.names = append(*h.names, u.Username)
	}
	return h.Handler.Handle(ctx, record)
}

// TestLogHandlerMayAsk: by the time that auth itself logs, there is an answer.
func TestLogHandlerMayAsk(t *testing.T) {
	s := newSite(t, nil)
	key := s.withCart(t, "ann")
	s.exec(t, "UPDATE auth_user SET password = '!' WHERE id = 1")
	var r *http.Request
	var names []string
	s.open(t, auth.WithLogger(slog.New(asking{slog.NewTextHandler(s.log, nil), s, &r, &names})))
	s.get(func(w http.ResponseWriter, kept *http.Request) {
		r = kept
		if u, err := s.logins.User(r); err != nil || u.IsAuthenticated() {
			t.Errorf("%v, %v", u, err)
		}
	}, key)
	s.get(func(w http.ResponseWriter, kept *http.Request) {
		r = kept
		if err := s.logins.Login(r, s.user(t, "ann")); err != nil {
			t.Error(err)
		}
	}, key)
	if len(names) != 2 || names[0] != "" || names[1] != "ann" {
		t.Errorf("asked while logging: %q", names)
	}
}

// slowUsers are Users whose answer waits for the test, whatever the context says.
type slowUsers struct {
	*watched
	asked, answer chan struct{}
}

func (u slowUsers) ByID(ctx context.Context, id string) (auth.User, error) {
	u.asked <- struct{}{}
	<-u.answer
	if err := ctx.Err(); err != nil {
		return auth.User{}, err
	}
	return u.watched.ByID(ctx, id)
}

// TestWaitingEndsWithTheContext: of several goroutines of one request that ask, each waits
// as long as its own context lets it, and the end of the first one's is nobody else's.
func TestWaitingEndsWithTheContext(t *testing.T) {
	s := newSite(t, nil)
	key := s.login(t, "ann")
	users := slowUsers{s.users, make(chan struct{}), make(chan struct{})}
	s.withUsers(t, users)
	s.get(func(w http.ResponseWriter, r *http.Request) {
		type answer struct {
			u   auth.User
			err error
		}
		ask := func(ctx context.Context) chan answer {
			c := make(chan answer, 1)
			go func() {
				u, err := s.logins.FromContext(ctx)
				c <- answer{u, err}
			}()
			return c
		}
		ctx, cancel := context.WithCancel(r.Context())
		first := ask(ctx)
		<-users.asked
		impatient, giveUp := context.WithCancel(r.Context())
		waits, gives := ask(r.Context()), ask(impatient)
		giveUp()
		if a := <-gives; !errors.Is(a.err, context.Canceled) || a.u.IsAuthenticated() {
			t.Errorf("who gave up: %v, %v", a.u, a.err)
		}
		cancel()
		users.answer <- struct{}{}
		if a := <-first; !errors.Is(a.err, context.Canceled) {
			t.Errorf("the first: %v, %v", a.u, a.err)
		}
		<-users.asked // by the one who still waits
		users.answer <- struct{}{}
		if a := <-waits; a.err != nil || a.u.Username != "ann" {
			t.Errorf("who waited: %v, %v", a.u, a.err)
		}
		if u, err := s.logins.User(r); err != nil || u.Username != "ann" {
			t.Errorf("afterwards: %v, %v", u, err)
		}
	}, key)
}

// TestFromContext: the user of a request, deep down, where there is no request.
func TestFromContext(t *testing.T) {
	s := newSite(t, nil)
	type key struct{}
	s.get(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), key{}, 1)
		for range 2 {
			if u, err := s.logins.FromContext(ctx); err != nil || u.Username != "ann" {
				t.Errorf("%v, %v", u, err)
			}
		}
	}, s.login(t, "ann"))
	if n := s.users.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if _, err := s.logins.FromContext(t.Context()); !errors.Is(err, auth.ErrNoMiddleware) {
		t.Errorf("without a request: %v", err)
	}
}

// keeping are Users that keep the context of a look-up.
type keeping struct {
	*watched
	kept *context.Context
}

func (k keeping) ByID(ctx context.Context, id string) (auth.User, error) {
	*k.kept = ctx
	return k.watched.ByID(ctx, id)
}

// TestContextOutlivesItsLookUp: once the look-up is over, code with its context may ask.
func TestContextOutlivesItsLookUp(t *testing.T) {
	s := newSite(t, nil)
	s.exec(t, "UPDATE auth_user SET is_superuser = 0")
	key := s.login(t, "ann")
	var kept context.Context
	s.withUsers(t, keeping{s.users, &kept})
	s.get(func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.logins.User(r); err != nil {
			t.Error(err)
		}
		later := r.WithContext(context.WithoutCancel(kept))
		if has, err := s.logins.HasPerm(later, "a.b"); has || err != nil {
			t.Errorf("HasPerm: %t, %v", has, err)
		}
		if err := s.logins.Logout(later); err != nil {
			t.Errorf("Logout: %v", err)
		}
	}, key)
}
