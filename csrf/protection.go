package csrf

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/origin"
)

// Protection is the CSRF protection of one Django site. Make it with [New]; it is
// safe for concurrent use.
type Protection struct {
	sessions *django.Sessions
	settings django.Settings
	origin   origin.Settings
	version  djversion.Version
	trusted  trustedOrigins
	exempt   func(*http.Request) bool
	onError  ErrorHandler
	logger   *slog.Logger
}

// Format implements fmt.Formatter: what it is, and nothing of what it holds.
func (p *Protection) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.LogValue().String()) }

// LogValue implements slog.LogValuer.
func (p *Protection) LogValue() slog.Value { return slog.StringValue("csrf.Protection") }

// An Option changes a default of [New].
type Option func(*Protection)

// An ErrorHandler answers a request that was refused; err is an [*Error]. It may
// ask for a [Protection.Token], to show the form again. The refusal was logged already.
// Django's CSRF_FAILURE_VIEW.
type ErrorHandler func(w http.ResponseWriter, r *http.Request, err error)

// WithErrorHandler answers refused requests by h instead of
// [DefaultErrorHandler].
func WithErrorHandler(h ErrorHandler) Option { return func(p *Protection) { p.onError = h } }

// WithExempt leaves requests unchecked for which exempt is true; their handlers
// can still ask for a [Protection.Token]. Django's csrf_exempt.
func WithExempt(exempt func(r *http.Request) bool) Option {
	return func(p *Protection) { p.exempt = exempt }
}

// WithLogger logs to l instead of slog.Default(): each refusal as a warning, as
// Django does, with reason, method and path. No token or secret is logged.
func WithLogger(l *slog.Logger) Option { return func(p *Protection) { p.logger = l } }

// New returns the protection of the site that the sessions are of, whose settings
// [django.New] has validated. The error is about the arguments.
func New(sessions *django.Sessions, opts ...Option) (*Protection, error) {
	if sessions == nil {
		return nil, errors.New("csrf: sessions are needed, those of django.New")
	}
	p := &Protection{
		sessions: sessions,
		settings: sessions.Settings(),
		exempt:   func(*http.Request) bool { return false },
		onError:  DefaultErrorHandler,
		logger:   slog.Default(),
	}
	s := &p.settings
	p.origin = origin.Settings{
		DjangoVersion:        s.DjangoVersion,
		AllowedHosts:         s.AllowedHosts,
		UseXForwardedHost:    s.UseXForwardedHost,
		UseXForwardedPort:    s.UseXForwardedPort,
		SecureProxySSLHeader: s.SecureProxySSLHeader,
	}
	p.settings.SecretKey, p.settings.SecretKeyFallbacks = "", nil // of no use here
	for _, opt := range opts {
		opt(p)
	}
	if p.exempt == nil || p.onError == nil || p.logger == nil {
		return nil, errors.New("csrf: an option of New was given nil")
	}
	p.version, _ = djversion.Parse(p.settings.DjangoVersion) // as django.New has
	p.trusted = parseTrusted(p.settings.CSRFTrustedOrigins, p.checksOrigin())
	return p, nil
}

// DefaultErrorHandler answers 403 without the reason, which is in the log.
func DefaultErrorHandler(w http.ResponseWriter, _ *http.Request, _ error) {
	http.Error(w, "Forbidden (403)\n\nCSRF verification failed. Request aborted.", http.StatusForbidden)
}

// masks reports whether the secret is stored masked.
func (p *Protection) masks() bool { return p.version.Before(djversion.V4_1) }

// masksNew reports whether a new secret is stored masked: one that the browser has
// is not masked for CSRF_COOKIE_MASKED.
func (p *Protection) masksNew() bool {
	return p.masks() || p.settings.CSRFCookieMasked && p.version.Before(djversion.V5_0)
}

// checksOrigin reports whether the Origin counts. Those versions also replace a
// cookie that they cannot use at once, not with the next token.
func (p *Protection) checksOrigin() bool { return !p.version.Before(djversion.V4_0) }
