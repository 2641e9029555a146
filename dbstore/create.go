package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// Create implements django.Store.
func (s *Store) Create(ctx context.Context, key string, data *serializer.Dict, expires time.Time) (django.Record, error) {
	if !s.possible(key) {
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
	args := append(extra.values, text, s.clock.Param(expires), key)
	secrets := append(extra.secrets, key, text)
	err = s.insert(ctx, key, extra.names, args)
	switch {
	case errors.Is(err, django.ErrExists):
		return django.Record{}, err
	case err != nil:
		return django.Record{}, s.fail("create", err, secrets...)
	}
	return django.Record{Key: key, Version: text}, nil
}

// insert inserts a row if its key is not taken, in one statement where that is enough.
func (s *Store) insert(ctx context.Context, key string, extra []string, args []any) error {
	if s.db.Dialect == MySQL {
		return s.insertMySQL(ctx, key, extra, args)
	}
	query := s.q.create
	if len(extra) > 0 {
		query = insertQuery(s.db.Dialect, s.opts.table, extra, true)
	}
	n, err := s.db.Exec(ctx, query, append(args[:len(args):len(args)], key)...)
	if err != nil || n > 0 {
		return err
	}
	// Either the key is taken, or another unique column of a custom model has its value:
	// that is the database's to say.
	switch taken, err := s.taken(ctx, key); {
	case err != nil:
		return err
	case taken:
		return django.ErrExists
	}
	return s.plainInsert(ctx, extra, args)
}

func (s *Store) plainInsert(ctx context.Context, extra []string, args []any) error {
	query := s.q.insert
	if len(extra) > 0 {
		query = insertQuery(s.db.Dialect, s.opts.table, extra, false)
	}
	_, err := s.db.Exec(ctx, query, args...)
	return err
}

// taken reports whether a session has the key, expired or not.
func (s *Store) taken(ctx context.Context, key string) (bool, error) {
	var stored string
	err := s.db.Row(ctx, s.q.taken, []any{key}, &stored)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// keyTaken reports whether a write failed because its key is taken. PostgreSQL's error may as
// well be about another unique column, and its transaction can do nothing after it.
func (s *Store) keyTaken(ctx context.Context, err error, key string) bool {
	if s.db.KindOf(err) != KindDuplicate || s.db.Dialect != PostgreSQL {
		return s.db.KindOf(err) == KindDuplicate
	}
	if s.db.InTx {
		return false
	}
	taken, err := s.taken(ctx, key)
	return err == nil && taken
}
