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
	"github.com/djsession/djsession/serializer"
)

// Store is the django.Store of this engine. It is safe for concurrent use, on a
// *sqlx.Tx as far as the transaction is.
type Store struct {
	db    *sqldb.Database
	opts  options
	codec *django.Codec
	clock sqldb.Clock
	model model
	q     queries
	// keyed is what is known of the table's unique keys, where that matters.
	keyed atomic.Int32
}

var (
	_ django.Store   = (*Store)(nil)
	_ django.Checker = (*Store)(nil)
)

func open(db DB, opts options, codec *django.Codec) (*Store, error) {
	s := &Store{codec: codec, model: djangoSessions}
	if opts.model != nil {
		s.model = opts.model(codec.Now)
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
	set := codec.Settings()
	if set.SessionEngine == "qsessions.backends.cached_db" {
		return nil, fmt.Errorf("dbstore: SESSION_ENGINE %s reads a cache first, which this engine does not write", set.SessionEngine)
	}
	opened, err := sqldb.Open(db, sqldb.Options{Dialect: opts.dialect, Classify: opts.classify, MaxWait: opts.wait, Key: "session_key"})
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

// version is the text in session_data: equal texts hold equal dicts.
type version string

// Load implements django.Store.
func (s *Store) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	if !s.possible(key) {
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
		return django.Record{}, s.fail("load", err, key)
	}
	return s.record(key, text.String), nil
}

func (s *Store) record(key, text string) django.Record {
	rec := django.Record{Key: key, Version: version(text)}
	rec.Data, rec.Corrupt = s.codec.Decode(text)
	if rec.Corrupt != nil {
		rec.Data = new(serializer.Dict)
	}
	return rec
}

// Delete implements django.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if !s.possible(key) {
		return nil
	}
	args := []any{key}
	if s.db.Dialect == MySQL {
		args = append(args, key)
	}
	return s.fail("delete", s.db.ExecTwice(ctx, s.q.delete, args...), key)
}

// possible reports whether key can be one in the table: as long as the column, and of
// Django's own characters or those that a site's own generator may use.
func (s *Store) possible(key string) bool {
	if len(key) < 8 || len(key) > s.opts.keyLength {
		return false
	}
	return strings.IndexFunc(key, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '-' && c != '_'
	}) < 0
}
