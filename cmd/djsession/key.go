package main

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// remove deletes the row under a key and reports whether there was one.
func (s *site) remove(ctx context.Context, key string) (bool, error) {
	if !s.store.Possible(key) {
		return s.removeImpossible(ctx, key)
	}
	there, err := s.store.Exists(ctx, key)
	if err == nil && there {
		err = s.store.Delete(ctx, key)
	}
	return there, err
}

// removeImpossible is remove for a key that Django would never use, and dbstore therefore
// never looks up. List shows such rows.
func (s *site) removeImpossible(ctx context.Context, key string) (bool, error) {
	if !utf8.ValidString(key) || strings.Contains(key, "\x00") {
		return false, nil // not valid as text in a database
	}
	query, args := "DELETE FROM "+s.sql.Dialect.Quote(s.table)+" WHERE session_key = ?", []any{key}
	if s.sql.Dialect == sqldb.MySQL {
		query += " AND " + s.sql.Dialect.Equal("session_key")
		args = append(args, key)
	}
	n, err := s.sql.Exec(ctx, s.sql.Dialect.Bind(query), args...)
	if err != nil {
		return false, &dbstore.Error{Package: "dbstore", Op: "delete", Table: s.table, Kind: dbstore.ErrorKind(sqldb.KindOf(err)), Err: err}
	}
	return n > 0, nil
}

// absent returns the error for a key that Load does not find.
func (s *site) absent(key string) error {
	if err := s.impossible(key); err != nil {
		return err
	}
	return django.ErrNotFound
}

// impossible returns why no session can have this key, or nil if one can.
func (s *site) impossible(key string) error {
	switch {
	case s.store.Possible(key):
		return nil
	case len(key) < 8:
		return answerNo("a session key has at least 8 characters; this one has %d", len(key))
	case len(key) > s.keyLength:
		return answerNo("a session key has at most %d characters; this one has %d: set %s to the length of the column session_key", s.keyLength, len(key), where("key-length"))
	}
	return answerNo("a session key has only the characters A-Z, a-z, 0-9, - and _; this one has others")
}
