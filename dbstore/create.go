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
	if err := s.checkTaken(ctx, "create", w.Key); err != nil {
		return django.Record{}, err
	}
	expires := s.clock.Param(w.Expires)
	query, args := s.insertion(text, expires, w.Key, extra)
	n, err := s.db.Exec(ctx, query, args...)
	if err != nil {
		return django.Record{}, s.failWrite(ctx, "create", err, w.Key, true)
	}
	if n == 0 {
		// The key is taken, or a trigger or rule has stored the row in another table, as those
		// do that partition a table of PostgreSQL by inheritance.
		stored, same, err := s.held(ctx, w.Key, expires)
		if err != nil {
			return django.Record{}, s.fail("create", err)
		}
		if stored != text || !same {
			return django.Record{}, django.ErrExists
		}
	}
	return django.Record{Key: w.Key, Version: text}, nil
}

// insertion returns the statement that inserts a row, which inserts nothing or fails if the key is
// taken, and its arguments.
func (s *Store) insertion(text string, expires any, key string, extra columns) (query string, args []any) {
	query = s.q.create
	if len(extra.names) > 0 {
		query = s.q.insert(extra.names)
	}
	args = append([]any{text, expires, key}, extra.values...)
	if s.db.Dialect != sqldb.MySQL {
		args = append(args, key)
	}
	return query, args
}

// failWrite returns the error of a write. If the key is a new one and taken, that is
// django.ErrExists; a duplicate may also be the value of another unique column, so it looks.
func (s *Store) failWrite(ctx context.Context, op string, err error, key string, isNew bool) error {
	if isNew && sqldb.KindOf(err) == sqldb.KindDuplicate && !s.endsTx() {
		if _, _, missing := s.held(ctx, key, nil); missing == nil {
			return django.ErrExists
		}
	}
	return s.fail(op, err)
}

// endsTx reports whether an error ends the caller's transaction, so that nothing can follow it.
func (s *Store) endsTx() bool { return s.db.InTx && s.db.Dialect == sqldb.PostgreSQL }

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
