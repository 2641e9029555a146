package auth

import (
	"context"
	"net/http"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/djversion"
)

// Logout logs out whoever is logged in by this request's session: it flushes the session at
// once, also one that [Logins.User] left to Django. Django's logout.
func (l *Logins) Logout(r *http.Request) error {
	ctx, observed := l.sessions.Observe(r.Context(), django.OpLogout)
	defer observed.EndPanicked()
	err := l.withSession(ctx, func(ctx context.Context, q *request, s *django.Session) error {
		observed.SetUser(l.userID(s))
		err := l.logout(ctx, s)
		if err == nil {
			q.set(known{})
		}
		return err
	})
	observed.End(err)
	return err
}

// LogoutSession flushes the session s. Before Django 3.0 the chosen language is carried over
// into a new session, as there. With the session of the request that ctx belongs to, the error
// is [ErrRequestSession]: call [Logins.Logout].
func (l *Logins) LogoutSession(ctx context.Context, s *django.Session) error {
	if err := l.refuseOwn(ctx, s); err != nil {
		return err
	}
	ctx, observed := l.sessions.Observe(ctx, django.OpLogout)
	defer observed.EndPanicked()
	observed.SetUser(l.userID(s))
	err := l.logout(ctx, s)
	observed.End(err)
	return err
}

// userID returns the id of the user whom s names, whether or not they are logged in; "" if
// there is none.
func (l *Logins) userID(s *django.Session) string {
	raw, ok := s.Get(sessionKey)
	if !ok {
		return ""
	}
	id, _ := l.users.ReadID(raw)
	return id
}

func (l *Logins) logout(ctx context.Context, s *django.Session) error {
	ctx, cancel := l.withTimeout(ctx)
	defer cancel()
	const languageKey = "_language"
	language, kept := s.Get(languageKey)
	if err := s.Flush(ctx); err != nil {
		return err
	}
	v, err := djversion.Parse(l.settings.DjangoVersion)
	if err != nil || !kept || language.IsNull() || !v.Before(djversion.V3_0) {
		return err
	}
	return s.Set(languageKey, language)
}
