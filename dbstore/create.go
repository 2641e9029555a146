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
	key, data := w.Key, w.Data
	if !s.Possible(key) {
		return django.Record{}, fmt.Errorf("dbstore: create: a session key is 8 to %d characters of A-Z, a-z, 0-9, - and _; see WithKeyLength", s.opts.keyLength)
	}
	text, err := s.codec.EncodeContext(ctx, data)
	if err != nil {
		return django.Record{}, err
	}
	extra, err := s.extraColumns(ctx, data, true)
	if err != nil {
		return django.Record{}, fmt.Errorf("dbstore: create: %w", err)
	}
	args := append(extra.values, text, s.clock.Param(w.Expires), key)
	secrets := append(extra.secrets, key, text)
	err = s.insert(ctx, key, text, extra.names, args)
	switch {
	case errors.Is(err, django.ErrExists), err != nil && s.keyTaken(ctx, err, key):
		return django.Record{}, django.ErrExists
	case err != nil:
		return django.Record{}, s.fail("create", err, secrets...)
	}
	return django.Record{Key: key, Version: text}, nil
}

// insert inserts a row if its key is not taken, in one statement where that is enough.
func (s *Store) insert(ctx context.Context, key, text string, extra []string, args []any) error {
	if s.db.Dialect == MySQL || s.plain.Load() {
		return s.checkedInsert(ctx, key, extra, args)
	}
	query := s.q.create
	if len(extra) > 0 {
		query = createQuery(s.db.Dialect, s.opts.table, extra, s.db.InTx)
	}
	n, err := s.db.Exec(ctx, query, append(args[:len(args):len(args)], key)...)
	switch {
	case err != nil && sqldb.RefusesOnConflict(err):
		err = s.checkedInsert(ctx, key, extra, args)
		if err == nil {
			s.plain.Store(true)
		}
		return err
	case err != nil || n > 0:
		return err
	}
	// A trigger may have stored the row in another table and suppressed this insert, as
	// those do that partition a table of PostgreSQL by inheritance.
	expires := args[len(args)-2]
	switch held, then, err := s.held(ctx, key, expires); {
	case errors.Is(err, sql.ErrNoRows):
		// Another unique column of a custom model has its value: let the database say so.
		return s.plainInsert(ctx, extra, args)
	case err != nil:
		return err
	case held == text && then:
		return nil
	}
	return django.ErrExists
}

// checkedInsert inserts a row after it has looked for the key, unless the database checks
// that: in one statement, MySQL would take locks on which inserts deadlock.
func (s *Store) checkedInsert(ctx context.Context, key string, extra []string, args []any) error {
	if err := s.checkTaken(ctx, key); err != nil {
		return err
	}
	return s.plainInsert(ctx, extra, args)
}

func (s *Store) plainInsert(ctx context.Context, extra []string, args []any) error {
	query := s.q.insert
	if len(extra) > 0 {
		query = insertQuery(s.db.Dialect, s.opts.table, extra)
	}
	_, err := s.db.Exec(ctx, query, args...)
	return err
}

// checkTaken returns django.ErrExists for a key that is taken. On MySQL it leaves that to the
// table's unique key, if it has one of session_key alone; a partitioned table has none.
func (s *Store) checkTaken(ctx context.Context, key string) error {
	if s.db.Dialect == MySQL && s.uniqueKey(ctx) {
		return nil
	}
	taken, err := s.found(ctx, s.q.taken, key)
	if taken {
		err = django.ErrExists
	}
	return err
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

// held returns the data of the session with a key, and whether it expires then, or
// sql.ErrNoRows. It may have expired.
func (s *Store) held(ctx context.Context, key string, expires any) (text string, then bool, err error) {
	var data sql.NullString
	var same sql.NullBool
	err = s.db.Row(ctx, s.q.current, []any{expires, key}, &data, &same)
	return data.String, same.Bool, err
}

// keyTaken reports whether a write failed because its key is taken. The duplicate may as
// well be of another unique column, so it looks. PostgreSQL's transaction can do
// nothing after the error.
func (s *Store) keyTaken(ctx context.Context, err error, key string) bool {
	if s.db.KindOf(err) != KindDuplicate || s.db.InTx && s.db.Dialect == PostgreSQL {
		return false
	}
	_, _, err = s.held(ctx, key, nil)
	return err == nil
}
