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

// Sessions are the sessions of one Django site. Make them with [New]. Safe for concurrent
// use.
type Sessions struct {
	settings Settings
	resolved resolved
	codec    *Codec
	store    Store
	caps     Capabilities
	options
	turns *turns
}

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	now     func() time.Time
	random  io.Reader // of session keys
	logger  *slog.Logger
	onError ErrorHandler
	timeout time.Duration
	asEmpty bool // unreadable sessions
}

// WithLogger sets the logger, by default slog.Default(). A session that cannot be read is
// logged as a warning, as Django does, and a request whose session failed as an error, with
// its method and path. No secret, key or data is logged.
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
// SECRET_KEY_FALLBACKS, when the old sessions are lost in any case. By default such a
// request fails, so that a wrong setting here does not destroy sessions of the Django
// site; see [Sessions.Check].
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
	ss := &Sessions{settings: codec.settings, resolved: codec.resolved, codec: codec, options: o, turns: new(turns)}
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
	store, err := engine.Open(Site{Settings: ss.Settings(), Codec: ss.codec, Now: ss.now, Logger: ss.logger})
	if err != nil {
		return err
	}
	ss.store, ss.caps = store, store.Capabilities()
	return nil
}

// Now returns the time by the clock of [WithClock].
func (ss *Sessions) Now() time.Time { return ss.now() }

// Timeout returns the duration of [WithTimeout].
func (ss *Sessions) Timeout() time.Duration { return ss.timeout }

// Settings returns a copy of the settings, with DjangoVersion set.
func (ss *Sessions) Settings() Settings { return ss.codec.Settings() }

// Codec returns the codec of the site's session data.
func (ss *Sessions) Codec() *Codec { return ss.codec }

// Store returns the store that the engine opened.
func (ss *Sessions) Store() Store { return ss.store }

// NewSession returns an empty session that is not stored until it is saved. Django's
// SessionStore().
func (ss *Sessions) NewSession() *Session { return newSession(ss, Record{}) }

// Load returns the session under key. An absent, expired or impossible key is
// [ErrNotFound]; Django's SessionStore(key) is a new session then. A stored session that
// cannot be read is [ErrCorrupt], [ErrUnreadable] or [ErrTooLarge] and stays as it is,
// since Django may be able to read it with its SECRET_KEY, session class or serializer.
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
	rec, err := ss.store.Load(ctx, key, ss.Now())
	if err == nil {
		warning, err = ss.readable(&rec)
	}
	if err != nil {
		return nil, warning, err
	}
	return newSession(ss, rec), warning, nil
}

// Delete removes the session under key. An absent one is no error.
func (ss *Sessions) Delete(ctx context.Context, key string) error {
	if !ss.validKey(key) {
		return nil
	}
	return ss.store.Delete(ctx, key)
}

// Check finds wrong settings at start, before the first request: it returns an error if
// the store cannot be reached, if its table or a column is missing, or if none of the
// newest sessions can be read with these settings. With [WithUnreadableAsEmpty] the last is
// only logged. It returns nil for a store that is no [Checker].
func (ss *Sessions) Check(ctx context.Context) error {
	c, ok := ss.store.(Checker)
	if !ok {
		return nil
	}
	err := c.Check(ctx, ss.Now())
	if ss.asEmpty && (errors.Is(err, ErrCorrupt) || errors.Is(err, ErrUnreadable)) {
		ss.logger.WarnContext(ctx, "sessions cannot be read", slog.Any("reason", err))
		return nil
	}
	return err
}

// ClearExpired removes the expired sessions and returns how many it removed. Django's
// clearsessions.
func (ss *Sessions) ClearExpired(ctx context.Context) (int64, error) {
	return ss.store.ClearExpired(ctx, ss.Now())
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
