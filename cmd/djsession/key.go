package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// remove deletes what is stored under a key, also a session that has expired or cannot be
// read, and reports whether there was something.
func (s *site) remove(ctx context.Context, key string) (bool, error) {
	switch {
	case s.store.Capabilities().ChoosesKeys:
		return false, errNotRevocable
	case s.rows != nil && !s.possible(key):
		return s.removeImpossible(ctx, key)
	}
	there, err := s.holds(ctx, key)
	if err == nil && there {
		err = s.store.Delete(ctx, key)
	}
	return there, err
}

// cacheKey matches the keys of sessions in a cache.
var cacheKey = regexp.MustCompile(`^[A-Za-z0-9_-]{8,128}$`)

// possible reports whether a session can be stored under a key.
func (s *site) possible(key string) bool {
	if s.rows != nil {
		return s.rows.Possible(key)
	}
	if store, ok := s.store.(interface{ Possible(key string) bool }); ok {
		return store.Possible(key)
	}
	return s.store.Capabilities().ChoosesKeys || cacheKey.MatchString(key)
}

// holds reports whether something is stored under a key.
func (s *site) holds(ctx context.Context, key string) (bool, error) {
	if s.rows != nil {
		return s.rows.Exists(ctx, key)
	}
	_, err := s.store.Load(ctx, key, time.Now())
	lister, lists := s.store.(django.Lister)
	if !errors.Is(err, django.ErrNotFound) || !lists || s.store.Capabilities().Expires {
		return err == nil, notFoundIsNo(err)
	}
	n, err := lister.Count(ctx, django.Filter{Key: key, Expired: true, Now: time.Now()})
	return n > 0, err
}

// notFoundIsNo returns err unless it says that there is no session.
func notFoundIsNo(err error) error {
	if errors.Is(err, django.ErrNotFound) {
		return nil
	}
	return err
}

// errNotRevocable is for commands that end a session of signed_cookies.
var errNotRevocable = errors.New("a session of signed_cookies is in the visitor's cookie alone: nothing on the server can end it before it is older than SESSION_COOKIE_AGE; a login in it ends if the user's password is changed or the user becomes inactive")

// lister returns the store as one that can list sessions.
func (s *site) lister() (django.Lister, error) {
	lister, ok := s.store.(django.Lister)
	switch {
	case ok:
		return lister, nil
	case s.engine == "signed_cookies":
		return nil, errors.New("sessions of the engine signed_cookies cannot be listed: they are in the visitors' cookies alone")
	}
	return nil, fmt.Errorf("sessions of the engine %s cannot be listed in this cache", s.engine)
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
	case s.possible(key):
		return nil
	case len(key) < 8:
		return answerNo("a session key has at least 8 characters; this one has %d", len(key))
	case s.rows == nil:
		return nil
	case len(key) > s.keyLength:
		return answerNo("a session key has at most %d characters; this one has %d: set %s to the length of the column session_key", s.keyLength, len(key), where("key-length"))
	}
	return answerNo("a session key has only the characters A-Z, a-z, 0-9, - and _; this one has others")
}
