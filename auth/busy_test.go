package auth_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// patientUsers ask on when the context has ended.
type patientUsers struct{ *watched }

func (u patientUsers) ByUsername(ctx context.Context, name string) (auth.User, error) {
	return u.watched.ByUsername(context.WithoutCancel(ctx), name)
}

// TestPasswordsWaitForTheTimeout: a password waits for its turn no longer than the sessions'
// timeout, which is over at once here, even if the caller has all the time in the world;
// the answer is a 503. That the queue is bounded is hashers' own test.
func TestPasswordsWaitForTheTimeout(t *testing.T) {
	s := newSite(t, nil)
	sessions, err := django.New(s.settings, dbstore.New(s.db), django.WithTimeout(time.Nanosecond))
	if err != nil {
		t.Fatal(err)
	}
	logins, err := auth.New(sessions, patientUsers{s.users})
	if err != nil {
		t.Fatal(err)
	}
	_, known := logins.Authenticate(t.Context(), "ann", annPassword)
	_, unknown := logins.Authenticate(t.Context(), "zoe", annPassword)
	_, set := logins.SetPassword(t.Context(), s.user(t, "ann"), "x")
	for name, err := range map[string]error{"a user": known, "nobody": unknown, "SetPassword": set} {
		if !errors.Is(err, hashers.ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		w := s.get(func(w http.ResponseWriter, r *http.Request) { s.sessions.HandleError(w, r, err) }, "")
		if w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
}
