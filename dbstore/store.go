package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
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
	q     queries
}

var _ django.Store = (*Store)(nil)

func open(db DB, opts options, codec *django.Codec) (*Store, error) {
	if opts.table == "" || opts.batch <= 0 {
		return nil, errors.New("dbstore: WithTable needs a name, and WithBatch a positive number")
	}
	opened, err := sqldb.Open(db, sqldb.Options{Dialect: opts.dialect, Classify: opts.classify, MaxWait: opts.wait, Key: "session_key"})
	if err != nil {
		return nil, fmt.Errorf("dbstore: %w", err)
	}
	set := codec.Settings()
	clock, err := sqldb.ClockOf(opened.Dialect, sqldb.Zones{UseTZ: set.UseTZ, TimeZone: set.TimeZone, Database: opts.timeZone})
	if err != nil {
		return nil, fmt.Errorf("dbstore: %w", err)
	}
	return &Store{
		db:    opened,
		opts:  opts,
		codec: codec,
		clock: clock,
		q:     makeQueries(opened.Dialect, opts.table, opened.InTx),
	}, nil
}

// Format implements fmt.Formatter: what it is, and nothing of what it holds.
func (s *Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.LogValue().String()) }

// LogValue implements slog.LogValuer.
func (s *Store) LogValue() slog.Value { return slog.StringValue("dbstore.Store") }

// version is the text in session_data: equal texts hold equal dicts.
type version string

// Load implements django.Store.
func (s *Store) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	if !possible(key) {
		return django.Record{}, django.ErrNotFound
	}
	var stored, text string
	err := s.db.Row(ctx, s.q.load, []any{key, s.clock.Param(now)}, &stored, &text)
	// MySQL finds a key in another case, too.
	if errors.Is(err, sql.ErrNoRows) || err == nil && stored != key {
		return django.Record{}, django.ErrNotFound
	}
	if err != nil {
		return django.Record{}, s.fail("load", err, key)
	}
	rec, err := s.record(ctx, key, text)
	if err != nil {
		return django.Record{}, s.fail("load", err, key)
	}
	return rec, nil
}

// record decodes what was loaded. It fails only if ctx ends first.
func (s *Store) record(ctx context.Context, key, text string) (django.Record, error) {
	rec := django.Record{Key: key, Version: version(text)}
	data, err := s.codec.DecodeContext(ctx, text)
	switch {
	case errors.Is(err, django.ErrCorrupt), errors.Is(err, django.ErrUnreadable):
		rec.Data, rec.Corrupt = new(serializer.Dict), err
	case err != nil:
		return django.Record{}, err
	default:
		rec.Data = data
	}
	return rec, nil
}

// Create implements django.Store.
func (s *Store) Create(ctx context.Context, key string, data *serializer.Dict, expires time.Time) (django.Record, error) {
	if !possible(key) {
		return django.Record{}, errors.New("dbstore: create: a session key is 8 to 40 characters of A-Z, a-z, 0-9, - and _")
	}
	text, err := s.codec.Encode(data)
	if err != nil {
		return django.Record{}, err
	}
	query, args := s.q.insert, []any{key, text, s.clock.Param(expires)}
	secrets := []string{key, text}
	if s.opts.extra != nil {
		extra, err := s.opts.extra(ctx, data)
		if err != nil {
			return django.Record{}, fmt.Errorf("dbstore: create: extra columns: %w", err)
		}
		columns := slices.Sorted(maps.Keys(extra))
		query = insertQuery(s.db.Dialect, s.opts.table, columns)
		for _, c := range columns {
			args = append(args, extra[c])
			secrets = append(secrets, fmt.Sprint(extra[c]))
		}
	}
	n, err := s.db.Exec(ctx, query, args...)
	switch {
	// Where a taken key inserts nothing, a duplicate is one of another column.
	case err != nil && s.db.Dialect == MySQL && s.db.KindOf(err) == KindDuplicate, err == nil && n == 0:
		return django.Record{}, django.ErrExists
	case err != nil:
		return django.Record{}, s.fail("create", err, secrets...)
	}
	return django.Record{Key: key, Version: version(text)}, nil
}

// Save implements django.Store.
func (s *Store) Save(ctx context.Context, old django.Record, u django.Update) (django.Record, error) {
	was, ok := old.Version.(version)
	if !ok || !possible(old.Key) || !possible(u.Key) {
		return django.Record{}, errors.New("dbstore: save: the record is not one of this store")
	}
	var now version
	if u.Data == nil {
		// A session that only lives on must outlive its key among the fallbacks.
		now = version(s.codec.Renew(string(was)))
	} else {
		text, err := s.codec.Encode(u.Data)
		if err != nil {
			return django.Record{}, err
		}
		now = version(text)
	}
	expires := s.clock.Param(u.Expires)
	n, err := s.swap(ctx, old.Key, was, u.Key, now, expires)
	switch {
	case err != nil && u.Key != old.Key && s.db.KindOf(err) == KindDuplicate:
		return django.Record{}, django.ErrExists
	case err != nil:
		return django.Record{}, s.fail("save", err, old.Key, u.Key, string(was), string(now))
	case n > 0:
		return django.Record{Key: u.Key, Version: now}, nil
	}
	if now == was && u.Key == old.Key {
		return s.touched(ctx, old.Key, was, expires)
	}
	rec, _, err := s.current(ctx, old.Key, expires)
	return rec, err
}

// swap writes what differs, if the row still holds the text that was loaded.
func (s *Store) swap(ctx context.Context, key string, was version, newKey string, now version, expires any) (int64, error) {
	switch {
	case newKey != key:
		return s.db.Exec(ctx, s.q.move, newKey, string(now), expires, key, string(was))
	case now != was:
		return s.db.Exec(ctx, s.q.save, string(now), expires, key, string(was))
	}
	return s.db.Exec(ctx, s.q.touch, expires, key, string(was))
}

// touched finds out why no row got a new expiry. MySQL counts a row that an update
// left as it was only if the client asked for found rows.
func (s *Store) touched(ctx context.Context, key string, was version, expires any) (django.Record, error) {
	rec, then, err := s.current(ctx, key, expires)
	if errors.Is(err, django.ErrConflict) && rec.Version == was && then {
		return django.Record{Key: key, Version: was}, nil
	}
	return rec, err
}

// current returns what is stored, as a conflict, and whether it expires then. That it
// is the very text that was to be stored proves nothing: another writer may have
// written the same in the same second.
func (s *Store) current(ctx context.Context, key string, expires any) (rec django.Record, then bool, err error) {
	var text string
	err = s.db.Row(ctx, s.q.current, []any{expires, key}, &text, &then)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return rec, false, django.ErrNotFound
	case err != nil:
		return rec, false, s.fail("save", err, key)
	}
	if rec, err = s.record(ctx, key, text); err != nil {
		return rec, false, s.fail("save", err, key)
	}
	return rec, then, django.ErrConflict
}

// Delete implements django.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if !possible(key) {
		return nil
	}
	args := []any{key}
	if s.db.Dialect == MySQL {
		args = append(args, key)
	}
	return s.fail("delete", s.db.ExecTwice(ctx, s.q.delete, args...), key)
}

// possible reports whether key can be one in the table: varchar(40), and of
// Django's own characters or those that a site's own generator may use.
func possible(key string) bool {
	if len(key) < 8 || len(key) > 40 {
		return false
	}
	return strings.IndexFunc(key, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '-' && c != '_'
	}) < 0
}
