package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
)

// TestProgramErrors: an error that no visitor caused and no retry cures is answered 500.
func TestProgramErrors(t *testing.T) {
	s := newSite(t, nil)
	for err, program := range map[error]bool{
		auth.ErrNoMiddleware: true, auth.ErrNoID: true, auth.ErrNoPassword: true, auth.ErrReentrant: true, auth.ErrNoPasswordBackend: true, auth.ErrOwnBackend: true,
		auth.ErrBackend: true, auth.ErrNoPermissions: true, auth.ErrReadOnly: true, auth.ErrAnonymous: true, auth.ErrRequestSession: true,
		csrf.ErrNoMiddleware: true, auth.ErrCredentials: false, auth.ErrNoUser: false, auth.ErrNotLoggedIn: false, auth.ErrHashMismatch: false,
	} {
		wrapped := fmt.Errorf("login: %w", err)
		if errors.Is(wrapped, django.ErrProgram) != program || !errors.Is(wrapped, err) {
			t.Errorf("%v: ErrProgram %t", err, !program)
		}
		w := httptest.NewRecorder()
		s.sessions.HandleError(w, request("GET", "/"), wrapped)
		if program && w.Code != http.StatusInternalServerError {
			t.Errorf("%v: status %d", err, w.Code)
		}
	}
	if errors.Is(auth.ErrNoPassword, auth.ErrNoID) || errors.Is(auth.ErrBackend, django.ErrNoMiddleware) {
		t.Error("one error is another")
	}
}

// TestVisitorErrors: what a visitor causes is no outage, in the answer and in the log.
func TestVisitorErrors(t *testing.T) {
	for err, status := range map[error]int{auth.ErrCredentials: 403, auth.ErrNotLoggedIn: 403, auth.ErrNoUser: 404, hashers.ErrPassword: 400} {
		s := newSite(t, nil)
		w := httptest.NewRecorder()
		s.sessions.HandleError(w, request("POST", "/"), fmt.Errorf("password: %w", err))
		if w.Code != status {
			t.Errorf("%v: status %d", err, w.Code)
		}
		holds(t, s.log.String(), "level=WARN", err.Error())
	}
}
