package djangotest_test

import (
	"net/http"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/djangotest"
)

// TestForceLoginOfClient: a browser's session is treated as by a login.
func TestForceLoginOfClient(t *testing.T) {
	site := djangotest.New(t)
	client := site.Client(http.NotFoundHandler())
	client.AddCookie(site.CreateSession(t, map[string]any{"cart": 1}))
	ann, ben := site.NewUser(t, "ann", ""), site.NewUser(t, "ben", "")
	anonymous := client.Session(t).Key()
	for _, step := range []struct {
		user          auth.User
		sameKey, cart bool
	}{{ann, false, true}, {ann, true, true}, {ben, false, false}} {
		before := client.Session(t).Key()
		client.ForceLogin(t, step.user)
		s := client.Session(t)
		if verdict, err := site.Logins.Inspect(t.Context(), s); err != nil || verdict.User.ID != step.user.ID {
			t.Errorf("%v is logged in, want %v, %v", verdict.User, step.user, err)
		}
		if s.Has("cart") != step.cart || (s.Key() == before) != step.sameKey {
			t.Errorf("%s: the cart is there: %t, the key is the same: %t", step.user.Username, s.Has("cart"), s.Key() == before)
		}
		if old := site.Session(t, &http.Cookie{Value: before}); !step.sameKey && old.Key() != "" {
			t.Errorf("%s: the old session is there", step.user.Username)
		}
	}
	if anonymous == client.Session(t).Key() {
		t.Error("the key of the anonymous session is in use")
	}
}

// TestForceLoginBackend: of several backends the first counts, as in Django.
func TestForceLoginBackend(t *testing.T) {
	const remote = "django.contrib.auth.backends.RemoteUserBackend"
	site := djangotest.New(t, func(s *django.Settings) {
		s.AuthenticationBackends = append([]string{remote}, s.AuthenticationBackends...)
	})
	ann := site.NewUser(t, "ann", "")
	own := ann
	own.Backend = "django.contrib.auth.backends.ModelBackend"
	for want, u := range map[string]auth.User{remote: ann, own.Backend: own} {
		verdict, err := site.Logins.Inspect(t.Context(), site.Session(t, site.ForceLogin(t, u)))
		if err != nil || verdict.User.Backend != want {
			t.Errorf("%q, want %q, %v", verdict.User.Backend, want, err)
		}
	}
}

// TestContextOfRequest: it ends when the handler has returned, as a server's does.
func TestContextOfRequest(t *testing.T) {
	var r *http.Request
	client := djangotest.New(t).Client(http.HandlerFunc(func(_ http.ResponseWriter, handled *http.Request) { r = handled }))
	get(t, client, "/")
	if r.Context().Err() == nil {
		t.Error("the context goes on")
	}
}
