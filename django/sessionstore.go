package django

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// A SessionStore holds the sessions of a site by key, without requests, as Django's
// SessionStore does. It is as safe for concurrent use as its engine.
type SessionStore struct{ *site }

// With returns the site's sessions in another store, such as dbstore.New(tx) for a
// transaction. A request's session stays in the store of ss.
func (ss *Sessions) With(engine Engine) (*SessionStore, error) {
	other := *ss.site
	other.queues = new(queues) // a transaction's locks must not wait for those of others
	if err := other.open(engine); err != nil {
		return nil, err
	}
	return &SessionStore{&other}, nil
}

// Now returns the time by the clock of [WithClock].
func (st SessionStore) Now() time.Time { return st.now() }

// Settings returns a copy of the settings, with DjangoVersion set.
func (st SessionStore) Settings() Settings { return st.codec.Settings() }

// Codec returns the codec of the site's session data.
func (st SessionStore) Codec() *Codec { return st.codec }

// Store returns the store that the engine opened.
func (st SessionStore) Store() Store { return st.store }

// NewSession returns an empty session that is not stored until it is saved. Django's
// SessionStore().
func (st SessionStore) NewSession() *Session { return newSession(st.site, Record{}) }

// Load returns the session under key. An absent, expired or impossible key is
// [ErrNotFound]; Django's SessionStore(key) is a new session then. A stored session that
// cannot be read is [ErrCorrupt], [ErrUnreadable] or [ErrTooLarge] and stays as it is; see
// [WithUnreadableAsEmpty].
func (st SessionStore) Load(ctx context.Context, key string) (*Session, error) {
	rec, observed, err := st.load(ctx, key)
	st.warn(ctx, rec)
	observed.report()
	if err != nil {
		return nil, err
	}
	return newSession(st.site, rec), nil
}

// load returns the record of the session under key, also with the error that it cannot be
// read. The caller calls warn and report.
func (site *site) load(ctx context.Context, key string) (rec Record, observed *Observation, err error) {
	if !validKey(key) {
		return rec, nil, ErrNotFound
	}
	ctx, observed = site.observe(ctx, OpLoad, lowest(OpLoad))
	defer observed.EndPanicked()
	rec, err = site.store.Load(ctx, key, site.now())
	if err == nil {
		err = site.readable(rec)
	} else {
		rec = Record{}
	}
	observed.done(cmp.Or(err, rec.Corrupt))
	return rec, observed, err
}

// Delete removes the session under key. An absent one is no error.
func (st SessionStore) Delete(ctx context.Context, key string) error {
	if !validKey(key) {
		return nil
	}
	ctx, observed := st.Observe(ctx, OpDelete)
	defer observed.EndPanicked()
	err := st.store.Delete(ctx, key)
	observed.End(err)
	return err
}

// Check finds wrong settings before the first request: it returns the error of a [Checker],
// nil for another store. With [WithUnreadableAsEmpty] it only logs that sessions cannot be
// read.
func (st SessionStore) Check(ctx context.Context) error {
	c, ok := st.store.(Checker)
	if !ok {
		return nil
	}
	err := c.Check(ctx, st.Now())
	if st.asEmpty && (errors.Is(err, ErrCorrupt) || errors.Is(err, ErrUnreadable)) {
		st.logger.WarnContext(ctx, "sessions cannot be read", slog.Any("reason", err))
		return nil
	}
	return err
}

// ClearExpired removes the expired sessions and returns how many it removed. Django's
// clearsessions.
func (st SessionStore) ClearExpired(ctx context.Context) (int64, error) {
	ctx, observed := st.Observe(ctx, OpClearExpired)
	defer observed.EndPanicked()
	cleared, err := st.store.ClearExpired(ctx, st.Now())
	if observed != nil {
		observed.event.Cleared = cleared
	}
	observed.End(err)
	return cleared, err
}

// Format implements fmt.Formatter: no settings, keys or data are printed.
func (SessionStore) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "django sessions") }
