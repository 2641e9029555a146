package csrf

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/origin"
)

// Protection is the CSRF protection of one Django site. Make it with [New]. It is safe
// for concurrent use.
type Protection struct {
	sessions *django.Sessions
	settings django.Settings // without the secrets
	version  djversion.Version
	origin   origin.Settings
	trusted  []trustedOrigin
	exempt   func(*http.Request) bool
	onError  ErrorHandler
	logger   *slog.Logger
}

// An Option changes a default of [New].
type Option func(*Protection)

// WithErrorHandler sets the handler of rejected requests, by default
// [DefaultErrorHandler].
func WithErrorHandler(h ErrorHandler) Option { return func(p *Protection) { p.onError = h } }

// WithExempt leaves requests unchecked for which exempt returns true. Their handlers can
// still use [Protection.Token]. Django's csrf_exempt.
func WithExempt(exempt func(r *http.Request) bool) Option {
	return func(p *Protection) { p.exempt = exempt }
}

// WithLogger sets the logger, by default slog.Default(). Each rejection is a warning with
// reason, method and path, as in Django. Tokens and secrets are never logged.
func WithLogger(l *slog.Logger) Option { return func(p *Protection) { p.logger = l } }

// New returns the protection of the site whose sessions these are.
func New(sessions *django.Sessions, opts ...Option) (*Protection, error) {
	if sessions == nil {
		return nil, errors.New("csrf: New needs the sessions that django.New returns")
	}
	p := &Protection{
		sessions: sessions,
		settings: sessions.Settings(),
		exempt:   func(*http.Request) bool { return false },
		onError:  DefaultErrorHandler,
		logger:   slog.Default(),
	}
	for _, opt := range opts {
		opt(p)
	}
	if p.exempt == nil || p.onError == nil || p.logger == nil {
		return nil, errors.New("csrf: an option of New was given nil")
	}
	s := &p.settings
	s.SecretKey, s.SecretKeyFallbacks = "", nil
	p.version, _ = djversion.Parse(s.DjangoVersion) // django.New has checked it
	p.origin = origin.Settings{
		DjangoVersion:        s.DjangoVersion,
		AllowedHosts:         s.AllowedHosts,
		UseXForwardedHost:    s.UseXForwardedHost,
		UseXForwardedPort:    s.UseXForwardedPort,
		SecureProxySSLHeader: s.SecureProxySSLHeader,
	}
	p.trusted = p.trustedOrigins()
	return p, nil
}

// masks reports whether the secret is stored masked.
func (p *Protection) masks() bool { return p.version.Before(djversion.V4_1) }

// masksNew reports whether a new secret is stored masked. CSRF_COOKIE_MASKED does not
// mask a secret that the browser has.
func (p *Protection) masksNew() bool {
	return p.masks() || p.settings.CSRFCookieMasked && p.version.Before(djversion.V5_0)
}

// checksOrigin reports whether the Origin is checked. Those versions also replace a
// cookie without a usable secret at once, not with the next token.
func (p *Protection) checksOrigin() bool { return !p.version.Before(djversion.V4_0) }
