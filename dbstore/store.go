package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// Store is the django.Store of this engine. It is safe for concurrent use, on a
// *sqlx.Tx as far as the transaction is.
type Store struct {
	db     *sqldb.Database
	opts   options
	codec  *django.Codec
	clock  sqldb.Clock
	model  model
	q      queries
	unique atomic.Pointer[bool] // see uniqueKey
}

var (
	_ django.Store   = (*Store)(nil)
	_ django.Checker = (*Store)(nil)
	_ django.Lister  = (*Store)(nil)
)

func open(db DB, opts options, site django.Site) (*Store, error) {
	s := &Store{codec: site.Codec, model: djangoSessions}
	if opts.model != nil {
		s.model = opts.model(site.Now)
	}
	if !opts.tableSet {
		opts.table = s.model.table
	}
	if !opts.batchSet {
		opts.batch = 1000
	}
	switch {
	case opts.table == "" || strings.Contains(opts.table, "\x00"):
		return nil, errors.New("dbstore: WithTable needs a name")
	case opts.batch <= 0:
		return nil, errors.New("dbstore: WithBatch needs a positive number")
	case opts.keyLength < 32:
		return nil, errors.New("dbstore: WithKeyLength must be at least 32, the length of new keys")
	}
	set := site.Settings
	opened, err := sqldb.Open(db, sqldb.Options{Dialect: sqldb.Dialect(opts.dialect), Classify: opts.classify, MaxWait: opts.wait})
	if err != nil {
		return nil, fmt.Errorf("dbstore: %w", err)
	}
	s.clock, err = sqldb.ClockOf(opened.Dialect, sqldb.Zones{UseTZ: set.UseTZ, TimeZone: set.TimeZone, Database: opts.timeZone})
	if err != nil {
		return nil, fmt.Errorf("dbstore: %w", err)
	}
	s.db, s.opts = opened, opts
	s.q = makeQueries(opened.Dialect, opts.table, s.model.columns, opened.InTx)
	return s, nil
}

// Format implements fmt.Formatter: what it is, and nothing of what it holds.
func (s *Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.LogValue().String()) }

// LogValue implements slog.LogValuer.
func (s *Store) LogValue() slog.Value { return slog.StringValue("dbstore.Store") }

// Capabilities implements django.Store.
func (s *Store) Capabilities() django.Capabilities { return django.Capabilities{AtomicMove: true} }

// Load implements django.Store.
func (s *Store) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	if !s.Possible(key) {
		return django.Record{}, django.ErrNotFound
	}
	var stored string
	var text sql.NullString // data that is NULL cannot be read, and is no failure
	err := s.db.Row(ctx, s.q.load, []any{key, s.clock.Param(now)}, &stored, &text)
	// MySQL finds a key in another case, too.
	if errors.Is(err, sql.ErrNoRows) || err == nil && stored != key {
		return django.Record{}, django.ErrNotFound
	}
	if err != nil {
		return django.Record{}, s.fail("load", err)
	}
	rec, err := s.codec.Record(ctx, key, text.String)
	if err != nil {
		return django.Record{}, s.fail("load", err)
	}
	return rec, nil
}

// Delete implements django.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if !s.Possible(key) {
		return nil
	}
	return s.fail("delete", s.db.ExecRepeatable(ctx, s.q.delete, s.exactly(key)...))
}

// exactly returns the parameters of a statement that finds exactly this key.
func (s *Store) exactly(key string) []any {
	if s.db.Dialect == sqldb.MySQL {
		return []any{key, key}
	}
	return []any{key}
}

// Exists reports whether the table has a row with a key, expired or not, whatever else is
// in it: a row whose expire_date is NULL is neither loaded nor listed, but Delete deletes it.
// A key that is not possible does not exist; see [Store.Possible].
func (s *Store) Exists(ctx context.Context, key string) (bool, error) {
	if !s.Possible(key) {
		return false, nil
	}
	found, err := s.found(ctx, s.q.exists, s.exactly(key)...)
	return found, s.fail("exists", err)
}

// Possible reports whether key can be a session's: 8 characters or more, as many as
// [WithKeyLength] allows at most, of A-Z, a-z, 0-9, - and _, which are Django's own and those that a
// site's generator may use. Any other key is treated as one that is not in the table.
func (s *Store) Possible(key string) bool {
	if len(key) < 8 || len(key) > s.opts.keyLength {
		return false
	}
	return strings.IndexFunc(key, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '-' && c != '_'
	}) < 0
}
