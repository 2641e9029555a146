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
	return l.withSession(r, func(ctx context.Context, q *request, s *django.Session) error {
		err := l.logout(ctx, s)
		if err == nil {
			q.set(known{})
		}
		return err
	})
}

// LogoutSession flushes the session s. Before Django 3.0 the chosen language is carried over
// into a new session, as there. With the session of the request that ctx belongs to, the error
// is [ErrRequestSession]: call [Logins.Logout].
func (l *Logins) LogoutSession(ctx context.Context, s *django.Session) error {
	if err := l.refuseOwn(ctx, s); err != nil {
		return err
	}
	return l.logout(ctx, s)
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
