package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sessionkey"
	"github.com/djsession/djsession/internal/sqldb"
)

// Store is the django.Store of this engine. It is safe for concurrent use, on a *sqlx.Tx as
// far as the transaction is.
type Store struct {
	source DB
	db     *sqldb.Database
	opts   options
	codec  *django.Codec
	clock  sqldb.Clock
	model  model
	q      queries
	join   atomic.Pointer[join]
	unique atomic.Pointer[bool] // see uniqueKey

	sharded atomic.Bool // see WithShardedByKey
}

var (
	_ django.Store   = (*Store)(nil)
	_ django.Checker = (*Store)(nil)
	_ django.Lister  = (*Store)(nil)
)

func open(db DB, opts options, site django.Site) (*Store, error) {
	opts.follow(site.Settings)
	m := model{table: "django_session"}
	if opts.model != nil {
		m = opts.model(site.Now)
	}
	if !opts.tableSet {
		opts.table = m.table
	}
	switch {
	case opts.table == "" || strings.Contains(opts.table, "\x00"):
		return nil, errors.New("dbstore: WithTable needs a name")
	case opts.batch < 0:
		return nil, errors.New("dbstore: WithBatch needs a positive number")
	case opts.keyLength < 32:
		return nil, errors.New("dbstore: WithKeyLength must be at least 32, the length of new keys")
	}
	opened, err := sqldb.Open(db, sqldb.Options{Dialect: sqldb.Dialect(opts.dialect), Classify: opts.classify, MaxWait: opts.wait})
	if err != nil {
		return nil, fmt.Errorf("dbstore: %w", err)
	}
	clock, err := sqldb.ClockOf(opened.Dialect, sqldb.Zones{UseTZ: site.Settings.UseTZ, TimeZone: site.Settings.TimeZone, Database: opts.timeZone})
	if err != nil {
		return nil, fmt.Errorf("dbstore: %w", err)
	}
	q := makeQueries(opened.Dialect, opts.table, m.columns, opened.InTx)
	s := &Store{source: db, db: opened, opts: opts, codec: site.Codec, clock: clock, model: m, q: q}
	s.sharded.Store(opts.sharded)
	return s, nil
}

// Capabilities implements django.Store.
func (s *Store) Capabilities() django.Capabilities {
	return django.Capabilities{AtomicMove: !s.sharded.Load(), Format: s.codec.Format()}
}

// Load implements django.Store.
func (s *Store) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	if !s.Possible(key) {
		return django.Record{}, django.ErrNotFound
	}
	var text sql.NullString // NULL is data that cannot be read
	joined, err := s.loadRow(ctx, key, now, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return django.Record{}, django.ErrNotFound
	}
	if err != nil {
		return django.Record{}, s.fail("load", err)
	}
	rec, err := s.codec.Record(ctx, key, text.String)
	if err != nil {
		return django.Record{}, s.fail("load", err)
	}
	if joined != nil {
		joined.Loaded(rec.Data, joined.Into != nil)
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

// Exists reports whether the table has a row with a key, expired or not, even if its
// expire_date is NULL, so that it is neither loaded nor listed. Delete deletes such a row.
func (s *Store) Exists(ctx context.Context, key string) (bool, error) {
	if !s.Possible(key) {
		return false, nil
	}
	found, err := s.found(ctx, s.q.exists, s.exactly(key)...)
	return found, s.fail("exists", err)
}

// exactly returns the parameters of a statement that finds exactly this key, and then others.
func (s *Store) exactly(key string, others ...any) []any {
	params := append(make([]any, 0, 4), key)
	if s.db.Dialect == sqldb.MySQL {
		params = append(params, key)
	}
	return append(params, others...)
}

// Possible reports whether key can be a session's: 8 characters or more, up to the number of
// [WithKeyLength], of A-Z, a-z, 0-9, - and _. Any other key counts as absent.
func (s *Store) Possible(key string) bool { return sessionkey.Possible(key, s.opts.keyLength) }
