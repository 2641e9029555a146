package django

import (
	"context"
	"fmt"
	"log/slog"
)

// A SessionStore holds the sessions of a site, by key and apart from any request: what
// Django calls SessionStore. It is made by [Sessions.With], and as safe for concurrent use
// as its engine is.
type SessionStore struct{ ss Sessions }

// With returns the site's sessions as engine holds them: as a transaction sees them, for
// instance. It knows no requests: a request's own session stays with the store of ss.
func (ss *Sessions) With(engine Engine) (*SessionStore, error) {
	other := &SessionStore{*ss}
	other.ss.turns = new(turns) // a transaction's locks must not wait for those of others
	if err := other.ss.open(engine); err != nil {
		return nil, err
	}
	return other, nil
}

// NewSession is [Sessions.NewSession].
func (s *SessionStore) NewSession() *Session { return s.ss.NewSession() }

// Load is [Sessions.Load].
func (s *SessionStore) Load(ctx context.Context, key string) (*Session, error) {
	return s.ss.Load(ctx, key)
}

// Update is [Sessions.Update].
func (s *SessionStore) Update(ctx context.Context, key string, f func(*Session) error) error {
	return s.ss.Update(ctx, key, f)
}

// Delete is [Sessions.Delete].
func (s *SessionStore) Delete(ctx context.Context, key string) error { return s.ss.Delete(ctx, key) }

// ClearExpired is [Sessions.ClearExpired].
func (s *SessionStore) ClearExpired(ctx context.Context) (int64, error) {
	return s.ss.ClearExpired(ctx)
}

// Check is [Sessions.Check].
func (s *SessionStore) Check(ctx context.Context) error { return s.ss.Check(ctx) }

// Store returns the store that the engine opened.
func (s *SessionStore) Store() Store { return s.ss.store }

// Format implements fmt.Formatter.
func (s *SessionStore) Format(f fmt.State, _ rune) { print(f, s.LogValue()) }

// LogValue implements slog.LogValuer: what it is, and nothing of what it holds.
func (s *SessionStore) LogValue() slog.Value { return slog.StringValue("django.SessionStore") }
