package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// Create implements django.Store.
func (s *Store) Create(ctx context.Context, w django.Write) (django.Record, error) {
	if !s.Possible(w.Key) {
		return django.Record{}, fmt.Errorf("dbstore: create: a session key is 8 to %d characters of A-Z, a-z, 0-9, - and _; see WithKeyLength", s.opts.keyLength)
	}
	text, err := s.codec.Encode(ctx, w.Data)
	if err != nil {
		return django.Record{}, err
	}
	extra, err := s.extraColumns(ctx, w.Data, true)
	if err != nil {
		return django.Record{}, fmt.Errorf("dbstore: create: %w", err)
	}
	if err := s.insert(ctx, w.Key, text, s.clock.Param(w.Expires), extra); err != nil {
		return django.Record{}, err
	}
	return django.Record{Key: w.Key, Version: text}, nil
}

// insert inserts a row if its key is not taken.
func (s *Store) insert(ctx context.Context, key, text string, expires any, extra columns) error {
	if err := s.checkTaken(ctx, "create", key); err != nil {
		return err
	}
	query := s.q.create
	if len(extra.names) > 0 {
		query = s.q.insert(extra.names)
	}
	args := append([]any{text, expires, key}, extra.values...)
	if s.db.Dialect != sqldb.MySQL {
		args = append(args, key)
	}
	n, err := s.db.Exec(ctx, query, args...)
	if err != nil {
		return s.failMove(ctx, "create", err, key)
	}
	if n > 0 {
		return nil
	}
	// The key is taken, or a trigger or rule has stored the row in another table, as those do
	// that partition a table of PostgreSQL by inheritance.
	stored, same, err := s.held(ctx, key, expires)
	switch {
	case err != nil:
		return s.fail("create", err)
	case stored == text && same:
		return nil
	}
	return django.ErrExists
}

// failMove returns the error of a write under a new key: django.ErrExists if the key is taken.
// The duplicate may also be the value of another unique column, so it looks. In a
// transaction, PostgreSQL does nothing more after an error.
func (s *Store) failMove(ctx context.Context, op string, err error, key string) error {
	if sqldb.KindOf(err) == sqldb.KindDuplicate && !(s.db.InTx && s.db.Dialect == sqldb.PostgreSQL) {
		if _, _, missing := s.held(ctx, key, nil); missing == nil {
			return django.ErrExists
		}
	}
	return s.fail(op, err)
}

// found reports whether a query finds a row.
func (s *Store) found(ctx context.Context, query string, args ...any) (bool, error) {
	var one int
	err := s.db.Row(ctx, query, args, &one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// held returns the data of the session with a key, expired or not, and whether it expires at
// the given time, or sql.ErrNoRows.
func (s *Store) held(ctx context.Context, key string, expires any) (text string, same bool, err error) {
	var data sql.NullString
	var then sql.NullBool
	err = s.db.Row(ctx, s.q.current, []any{expires, key}, &data, &then)
	return data.String, then.Bool, err
}
