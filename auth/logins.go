package auth

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/origin"
)

// Logins are the logins of one Django site. Make it with [New]; it is safe for
// concurrent use.
type Logins struct {
	sessions *django.Sessions
	settings django.Settings
	origin   origin.Settings
	users    Users
	backends map[string]Backend
	hash     *hasher
	flush    bool
	hashers  *hashers.Hashers
	logger   *slog.Logger
}

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	backends map[string]Backend
	hash     func(User, HMAC) (string, error)
	flush    bool
	hashers  *hashers.Hashers
	logger   *slog.Logger
}

// WithBackend says what a backend of the site's own, one of
// AUTHENTICATION_BACKENDS, lets in; the zero Backend says that Authenticate may
// pass it over. Without it, sessions of its active users are accepted, but
// Authenticate does not go past it: Django asks it first, and it might stop the
// login. Django's own are known.
func WithBackend(path string, b Backend) Option {
	return func(o *options) { o.backends[path] = b }
}

// WithSessionAuthHash is for a user model that has its own get_session_auth_hash: f
// returns what that returns. Without it, the hash is Django's own, of the password.
//
//	# models.py
//	def get_session_auth_hash(self):
//	    return salted_hmac("accounts.Member", self.password + self.session_token, algorithm="sha256").hexdigest()
//
//	users, err := usertable.Open(db, sessions, usertable.WithExtraColumns("session_token"))
//	logins, err := auth.New(sessions, users, auth.WithSessionAuthHash(func(u auth.User, m auth.HMAC) (string, error) {
//		token, err := auth.Column[string](u, "session_token")
//		return m.SaltedSHA256("accounts.Member", u.Password+token), err
//	}))
//
// Whatever f uses besides ID, Username and Password must be named in WithExtraColumns, Email
// and the names too: otherwise they are empty while the table lacks the column, during a
// migration for instance, and the hash does not match. [NewHMAC] is for testing f.
//
// m has the secret: f is called with that of SECRET_KEY, and then, if the hash does not
// match, with those of SECRET_KEY_FALLBACKS, as Django does if the model overrides
// _get_session_auth_hash. An error of f is an error of the call that needed the hash, and so
// is an empty hash. f must be safe for concurrent use.
func WithSessionAuthHash(f func(u User, m HMAC) (string, error)) Option {
	return func(o *options) { o.hash = f }
}

// WithFlush deletes a session whose hash is missing or does not match from the store, and
// its cookie, as Django does. Set it only if the hash is known to be right: with a user
// model that has Django's get_session_auth_hash, or with [WithSessionAuthHash], once logins
// of Django's were accepted. See [Logins.SessionUser].
func WithFlush() Option { return func(o *options) { o.flush = true } }

// WithHashers checks and makes passwords with h, which may have parameters of
// its own, instead of hashers with Django's defaults and PASSWORD_HASHERS.
func WithHashers(h *hashers.Hashers) Option { return func(o *options) { o.hashers = h } }

// WithLogger logs to l instead of slog.Default().
func WithLogger(l *slog.Logger) Option { return func(o *options) { o.logger = l } }

// New returns the logins of the site whose sessions and users these are. It
// checks the settings and asks nothing of users.
func New(sessions *django.Sessions, users Users, opts ...Option) (*Logins, error) {
	if sessions == nil || users == nil {
		return nil, errors.New("auth: New needs the sessions and the users")
	}
	o := options{backends: knownBackends(), logger: slog.Default()}
	for _, opt := range opts {
		opt(&o)
	}
	if o.logger == nil {
		return nil, errors.New("auth: WithLogger was given nil")
	}
	l := &Logins{sessions: sessions, settings: sessions.Settings(), users: users, backends: o.backends, hashers: o.hashers, logger: o.logger, flush: o.flush}
	if len(l.settings.AuthenticationBackends) == 0 {
		return nil, errors.New("auth: setting AUTHENTICATION_BACKENDS must not be empty")
	}
	for path := range l.backends {
		if !strings.HasPrefix(path, contribBackends) && !slices.Contains(l.settings.AuthenticationBackends, path) {
			return nil, fmt.Errorf("auth: WithBackend: %q is not among AUTHENTICATION_BACKENDS", path)
		}
	}
	var err error
	if l.hash, err = newHasher(l.settings, o.hash); err != nil {
		return nil, fmt.Errorf("auth: %w", err)
	}
	s := &l.settings
	l.origin = origin.Settings{
		DjangoVersion:        s.DjangoVersion,
		AllowedHosts:         s.AllowedHosts,
		UseXForwardedHost:    s.UseXForwardedHost,
		UseXForwardedPort:    s.UseXForwardedPort,
		SecureProxySSLHeader: s.SecureProxySSLHeader,
	}
	l.settings.SecretKey, l.settings.SecretKeyFallbacks = "", nil // not needed any more
	if l.hashers == nil {
		l.hashers, err = hashers.New(hashers.Options{
			DjangoVersion:   l.settings.DjangoVersion,
			PasswordHashers: l.settings.PasswordHashers,
			Logger:          o.logger,
		})
	}
	return l, err
}

// Format implements fmt.Formatter: what it is, and nothing of what it holds.
func (l *Logins) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.LogValue().String()) }

// LogValue implements slog.LogValuer.
func (l *Logins) LogValue() slog.Value { return slog.StringValue("auth.Logins") }
