package auth

import (
	"errors"
	"fmt"
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
	settings django.Settings // without the keys
	origin   origin.Settings
	users    Users
	backends map[string]Backend
	hash     *sessionHasher
	ownHash  func(User, HMAC) (string, error)
	flush    bool
	hashers  *hashers.Hashers
	logger   *slog.Logger
}

// An Option changes a default of [New].
type Option func(*Logins)

// WithBackend describes a custom backend of AUTHENTICATION_BACKENDS; Authenticate passes over
// the zero Backend. Without it, sessions of its active users are
// accepted, but Authenticate does not go past it: Django asks it first, and it might stop the
// login. Django's own backends are known.
func WithBackend(path string, b Backend) Option {
	return func(l *Logins) { l.backends[path] = b }
}

// WithSessionAuthHash is for a user model that has its own get_session_auth_hash: f returns
// what that returns. Without it, the hash is Django's own, of the password. For instance,
// salted_hmac("accounts.Member", self.password + self.token, algorithm="sha256").hexdigest() is
//
//	token, err := auth.Column[string](u, "token")
//	return m.SaltedSHA256("accounts.Member", u.Password+token), err
//
// Name whatever f uses besides ID, Username and Password in usertable.WithExtraColumns, Email
// and the names too: otherwise they are empty while the table lacks the column, during a
// migration for instance, and the hash does not match. [NewHMAC] is for testing f.
//
// f is called with the HMAC of SECRET_KEY, and, if the hash does not match, with those of
// SECRET_KEY_FALLBACKS. An error of f, or an empty hash, is an error of the call that needs
// the hash. f must be safe for concurrent use.
func WithSessionAuthHash(f func(u User, m HMAC) (string, error)) Option {
	return func(l *Logins) { l.ownHash = f }
}

// WithFlush deletes a session whose hash is missing or does not match from the store, and
// its cookie, as Django does. Set it only if the hash is known to be right, once logins of
// Django's were accepted. See [Logins.SessionUser].
func WithFlush() Option { return func(l *Logins) { l.flush = true } }

// WithHashers checks and makes passwords with h instead of hashers with Django's default
// parameters and PASSWORD_HASHERS.
func WithHashers(h *hashers.Hashers) Option { return func(l *Logins) { l.hashers = h } }

// WithLogger logs to l instead of slog.Default(). Logins, logouts and failed logins are logged
// by the logger of the sessions, with what happens to those.
func WithLogger(logger *slog.Logger) Option { return func(l *Logins) { l.logger = logger } }

// New returns the logins of the site with these sessions and users. It checks the settings,
// and does not query the users.
func New(sessions *django.Sessions, users Users, opts ...Option) (*Logins, error) {
	if sessions == nil || users == nil {
		return nil, errors.New("auth: New needs the sessions and the users")
	}
	set := sessions.Settings()
	l := &Logins{sessions: sessions, users: users, backends: knownBackends(), logger: slog.Default()}
	for _, opt := range opts {
		opt(l)
	}
	if l.logger == nil {
		return nil, errors.New("auth: WithLogger was given nil")
	}
	if len(set.AuthenticationBackends) == 0 {
		return nil, errors.New("auth: setting AUTHENTICATION_BACKENDS must not be empty")
	}
	if own := set.UserModel.SessionAuthHash; own != "" && l.ownHash == nil {
		return nil, fmt.Errorf("auth: %s has a get_session_auth_hash of its own: pass what it does to WithSessionAuthHash", own)
	}
	for path := range l.backends {
		if !strings.HasPrefix(path, contribBackends) && !slices.Contains(set.AuthenticationBackends, path) {
			return nil, fmt.Errorf("auth: WithBackend: %q is not among AUTHENTICATION_BACKENDS", path)
		}
	}
	var err error
	if l.hash, err = newSessionHasher(set, l.ownHash); err != nil {
		return nil, err
	}
	set.SecretKey, set.SecretKeyFallbacks = "", nil
	l.settings = set
	l.origin = origin.Settings{
		DjangoVersion:        set.DjangoVersion,
		AllowedHosts:         set.AllowedHosts,
		UseXForwardedHost:    set.UseXForwardedHost,
		UseXForwardedPort:    set.UseXForwardedPort,
		SecureProxySSLHeader: set.SecureProxySSLHeader,
	}
	if l.hashers == nil {
		l.hashers, err = hashers.New(hashers.Options{
			DjangoVersion: set.DjangoVersion, PasswordHashers: set.PasswordHashers, Logger: l.logger,
		})
	}
	return l, err
}
