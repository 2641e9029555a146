package django

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"slices"
	"time"
)

// Sessions are the sessions of one Django site. Make it with [New]; it is safe
// for concurrent use.
type Sessions struct {
	settings Settings
	resolved resolved
	codec    *Codec
	store    Store
	caps     Capabilities
	random   io.Reader
	logger   *slog.Logger
	onError  ErrorHandler
	timeout  time.Duration
	turns    *turns
	asEmpty  bool // unreadable sessions
}

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	now     func() time.Time
	random  io.Reader
	logger  *slog.Logger
	onError ErrorHandler
	timeout time.Duration
	asEmpty bool
}

// WithLogger logs to l instead of slog.Default(): a session that cannot be read as a
// warning, as Django does, and a request whose session failed as an error, with its
// method and path. No secret, key or data is logged.
func WithLogger(l *slog.Logger) Option { return func(o *options) { o.logger = l } }

// WithErrorHandler answers requests whose session failed by h instead of
// [DefaultErrorHandler].
func WithErrorHandler(h ErrorHandler) Option { return func(o *options) { o.onError = h } }

// WithTimeout bounds how long a request waits for the store when its session is
// loaded and again when it is saved, 10 seconds by default. A store that takes
// longer has failed. The deadline of the request's own context counts, too.
func WithTimeout(d time.Duration) Option { return func(o *options) { o.timeout = d } }

// WithUnreadableAsEmpty treats a session that is stored but cannot be read
// ([ErrCorrupt], [ErrUnreadable]) as Django does: as an empty session under the same key,
// which the next save overwrites, with a warning in the log. It is for the weeks after
// SECRET_KEY was changed without SECRET_KEY_FALLBACKS, when the site's old sessions are
// lost in any case. Without it such a request fails, so that a wrong setting here costs no
// visitor of the Django site the session. [Sessions.Check] shows whether the settings are
// right.
func WithUnreadableAsEmpty() Option { return func(o *options) { o.asEmpty = true } }

// WithClock takes the time from now instead of time.Now, for tests.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithRandom takes session keys from r instead of crypto/rand, for tests. It
// must be safe for concurrent use.
func WithRandom(r io.Reader) Option { return func(o *options) { o.random = r } }

// New returns the sessions of the site with these settings, which live where
// engine says. It validates the settings and opens the store; whether that
// connects to anything is the engine's choice.
func New(settings Settings, engine Engine, opts ...Option) (*Sessions, error) {
	o := options{now: time.Now, random: rand.Reader, logger: slog.Default(), onError: DefaultErrorHandler, timeout: 10 * time.Second}
	for _, opt := range opts {
		opt(&o)
	}
	if o.now == nil || o.random == nil || o.logger == nil || o.onError == nil {
		return nil, errors.New("django: an option of New was given nil")
	}
	if o.timeout <= 0 {
		return nil, errors.New("django: WithTimeout needs a positive duration")
	}
	codec, err := NewCodec(settings, o.now)
	if err != nil {
		return nil, err
	}
	ss := &Sessions{
		settings: codec.settings,
		resolved: codec.resolved,
		codec:    codec,
		random:   o.random,
		logger:   o.logger,
		onError:  o.onError,
		timeout:  o.timeout,
		turns:    new(turns),
		asEmpty:  o.asEmpty,
	}
	if err := ss.open(engine); err != nil {
		return nil, err
	}
	return ss, nil
}

// open opens engine as the store.
func (ss *Sessions) open(engine Engine) error {
	if engine == nil {
		return errors.New("django: New needs an engine, such as dbstore.New(db)")
	}
	if name := ss.settings.SessionEngine; !engine.Serves(name) {
		return settingError("SESSION_ENGINE", fmt.Sprintf("is %s, which the engine %T does not serve: use the engine for it, or set what settings.py says", name, engine))
	}
	store, err := engine.Open(Site{Settings: ss.Settings(), Codec: ss.codec, Now: ss.codec.clock, Logger: ss.logger})
	if err != nil {
		return err
	}
	ss.store, ss.caps = store, store.Capabilities()
	return nil
}

// Now returns the time by the sessions' clock, see [WithClock].
func (ss *Sessions) Now() time.Time { return ss.codec.Now() }

// Timeout returns how long a request waits for the store, see [WithTimeout]: a
// measure for what else it asks of the database.
func (ss *Sessions) Timeout() time.Duration { return ss.timeout }

// Settings returns a copy of the settings, in which DjangoVersion is said.
func (ss *Sessions) Settings() Settings { return ss.codec.Settings() }

// Codec returns the codec of the site's session data.
func (ss *Sessions) Codec() *Codec { return ss.codec }

// Store returns the store that the engine opened.
func (ss *Sessions) Store() Store { return ss.store }

// NewSession returns a session that is empty and in no store until it is saved.
// Django's SessionStore().
func (ss *Sessions) NewSession() *Session { return newSession(ss, Record{}) }

// Load returns the session under key. One that is not there, has expired or
// whose key cannot be one is [ErrNotFound], where Django's SessionStore(key) is
// silently a new session. A session that is there and cannot be read is [ErrCorrupt],
// [ErrUnreadable] or [ErrTooLarge], and stays as it is, since Django may be able to read
// it: its SECRET_KEY, session class or serializer may be others than the settings say.
// See [WithUnreadableAsEmpty] for Django's behavior.
func (ss *Sessions) Load(ctx context.Context, key string) (*Session, error) {
	s, warning, err := ss.load(ctx, key)
	ss.warn(ctx, warning)
	return s, err
}

// load is Load without the log.
func (ss *Sessions) load(ctx context.Context, key string) (s *Session, warning, err error) {
	if !ss.validKey(key) {
		return nil, nil, ErrNotFound
	}
	rec, err := ss.store.Load(ctx, key, ss.codec.Now())
	if err == nil {
		warning, err = ss.readable(&rec)
	}
	if err != nil {
		return nil, warning, err
	}
	return newSession(ss, rec), warning, nil
}

// Delete removes the session under key; one that is not there is no error.
func (ss *Sessions) Delete(ctx context.Context, key string) error {
	if !ss.validKey(key) {
		return nil
	}
	return ss.store.Delete(ctx, key)
}

// Check checks at start what a wrong setting would otherwise show at the first
// request: that the store can be reached, that its table and columns are there, and
// that the newest sessions can be read with these settings; if none of them can, the
// error says which settings to compare; under [WithUnreadableAsEmpty] that is only a
// warning in the log. A store that cannot check itself returns nil.
func (ss *Sessions) Check(ctx context.Context) error {
	c, ok := ss.store.(Checker)
	if !ok {
		return nil
	}
	err := c.Check(ctx, ss.codec.Now())
	if ss.asEmpty && (errors.Is(err, ErrCorrupt) || errors.Is(err, ErrUnreadable)) {
		ss.logger.WarnContext(ctx, "sessions cannot be read", slog.Any("reason", err))
		return nil
	}
	return err
}

// ClearExpired removes the expired sessions and returns how many there were.
// Django's clearsessions.
func (ss *Sessions) ClearExpired(ctx context.Context) (int64, error) {
	return ss.store.ClearExpired(ctx, ss.codec.Now())
}

func jitter(d time.Duration) time.Duration { return d/2 + mathrand.N(d/2+1) }

func cloneSettings(s Settings) Settings {
	for _, list := range []*[]string{
		&s.SecretKeyFallbacks, &s.AllowedHosts, &s.AuthenticationBackends, &s.PasswordHashers, &s.CSRFTrustedOrigins,
	} {
		*list = slices.Clone(*list)
	}
	if s.UseTZ != nil {
		s.UseTZ = new(*s.UseTZ)
	}
	return s
}
