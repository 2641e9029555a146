package django

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/djsession/djsession/internal/engines"
)

// Sessions are the sessions of one Django site. Make them with [New]. Safe for concurrent
// use.
type Sessions struct{ SessionStore }

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	now      func() time.Time
	random   io.Reader // of session keys
	logger   *slog.Logger
	onError  ErrorHandler
	timeout  time.Duration
	asEmpty  bool     // unreadable sessions
	observer Observer // or nil
}

// WithLogger sets the logger, by default slog.Default(). A session that cannot be read is a
// warning, as for Django, and a request whose session failed an error with its method and
// path. What else happens to sessions and logins is logged at debug, and at info what a
// visitor causes who may be an attacker: see docs/observability.md. No secret, key or data
// is logged.
func WithLogger(l *slog.Logger) Option { return func(o *options) { o.logger = l } }

// WithErrorHandler sets what answers requests whose session failed, by default
// [DefaultErrorHandler].
func WithErrorHandler(h ErrorHandler) Option { return func(o *options) { o.onError = h } }

// WithTimeout sets how long a request waits for the store when its session is loaded, and
// again when it is saved, by default 10 seconds. The deadline of the request's context
// applies too.
func WithTimeout(d time.Duration) Option { return func(o *options) { o.timeout = d } }

// WithUnreadableAsEmpty treats a stored session that cannot be read ([ErrCorrupt],
// [ErrUnreadable]) as Django does: as an empty session under the same key, which the next
// save overwrites, with a warning in the log. Use it after a change of SECRET_KEY without
// SECRET_KEY_FALLBACKS. By default such a request fails, so that a wrong setting does not
// destroy sessions of the Django site; see [Sessions.Check].
func WithUnreadableAsEmpty() Option { return func(o *options) { o.asEmpty = true } }

// WithClock sets the clock, by default time.Now, for tests.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// New returns the sessions of the site with these settings, kept where engine says. It
// validates the settings and opens the store.
func New(settings Settings, engine Engine, opts ...Option) (*Sessions, error) {
	o := options{now: time.Now, random: rand.Reader, logger: slog.Default(), onError: DefaultErrorHandler, timeout: 10 * time.Second}
	for _, opt := range opts {
		opt(&o)
	}
	switch {
	case o.now == nil || o.logger == nil || o.onError == nil:
		return nil, errors.New("django: an option of New must not be nil")
	case o.timeout <= 0:
		return nil, errors.New("django: WithTimeout needs a positive duration")
	}
	codec, err := NewCodec(settings, o.now)
	if err != nil {
		return nil, err
	}
	site := &site{settings: codec.settings, resolved: codec.resolved, codec: codec, options: o, queues: new(queues)}
	if err := site.open(engine); err != nil {
		return nil, err
	}
	return &Sessions{SessionStore{site}}, nil
}

// Timeout returns the duration of [WithTimeout].
func (ss *Sessions) Timeout() time.Duration { return ss.timeout }

// site is what the sessions of one Django site share.
type site struct {
	settings Settings // without the keys
	resolved resolved
	codec    *Codec
	store    Store
	caps     Capabilities
	options
	queues *queues
}

// open opens engine as the store.
func (site *site) open(engine Engine) error {
	if engine == nil {
		return errors.New("django: New needs an engine, such as dbstore.New(db)")
	}
	name := cmp.Or(site.settings.SessionEngineBase, site.settings.SessionEngine)
	if !engine.Serves(name) {
		return settingError("SESSION_ENGINE", fmt.Sprintf("is %s, which the engine %T does not serve: use %s, or set what settings.py says", name, engine, cmp.Or(engines.Constructor(name), "the engine for it")))
	}
	store, err := engine.Open(Site{Settings: site.codec.Settings(), Codec: site.codec, Now: site.now, Logger: site.logger})
	if err != nil {
		return err
	}
	site.store, site.caps = store, store.Capabilities()
	return nil
}

func cloneSettings(s Settings) Settings {
	for _, list := range []*[]string{
		&s.SecretKeyFallbacks, &s.AllowedHosts, &s.AuthenticationBackends, &s.PasswordHashers, &s.CSRFTrustedOrigins,
		&s.Middleware, &s.SessionModel.ExtraColumns,
	} {
		*list = slices.Clone(*list)
	}
	s.Databases, s.Caches = maps.Clone(s.Databases), maps.Clone(s.Caches)
	s.MessageTags, s.UserModel.Columns = maps.Clone(s.MessageTags), maps.Clone(s.UserModel.Columns)
	if s.UseTZ != nil {
		s.UseTZ = new(*s.UseTZ)
	}
	return s
}
