package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/djsession/djsession/django"
)

// Save implements django.Store.
func (s *Store) Save(ctx context.Context, old django.Record, u django.Write) (django.Record, error) {
	was := old.Version
	if !s.Possible(old.Key) || !s.Possible(u.Key) {
		return django.Record{}, errors.New("dbstore: save: the record is not one of this store")
	}
	w := write{key: old.Key, was: was, newKey: u.Key, expires: s.clock.Param(u.Expires)}
	if err := s.prepare(ctx, &w, u); err != nil {
		return django.Record{}, err
	}
	n, err := s.swap(ctx, w)
	switch {
	case errors.Is(err, django.ErrExists), err != nil && w.moves() && s.keyTaken(ctx, err, w.newKey):
		return django.Record{}, django.ErrExists
	case err != nil:
		return django.Record{}, s.fail("save", err, append(w.extra.secrets, w.key, w.newKey, w.was, w.now)...)
	case n > 0:
		return django.Record{Key: w.newKey, Version: w.now}, nil
	}
	return s.unchanged(ctx, w)
}

// write is what Save writes, if the row still holds the text that was loaded.
type write struct {
	key, newKey string
	was, now    string
	expires     any
	extra       columns
}

func (w *write) moves() bool { return w.newKey != w.key }

// prepare encodes the data, and asks for the extra columns that go with it.
func (s *Store) prepare(ctx context.Context, w *write, u django.Write) error {
	data := u.Data
	var err error
	if data == nil {
		// A session that only lives on must outlive its key among the fallbacks.
		w.now, err = s.codec.RenewContext(ctx, w.was)
	} else {
		w.now, err = s.codec.EncodeContext(ctx, data)
	}
	if err != nil {
		return err
	}
	if s.model.extra == nil && s.opts.extra == nil {
		return nil
	}
	if data == nil {
		rec, err := s.codec.Record(ctx, w.key, w.was)
		if err != nil {
			return err
		}
		if rec.Corrupt != nil {
			return nil // what the columns should be cannot be known
		}
		data = rec.Data
	}
	extra, err := s.extraColumns(ctx, data, w.moves())
	if err != nil {
		return fmt.Errorf("dbstore: save: %w", err)
	}
	w.extra = extra
	return nil
}

// swap writes what differs and returns how many rows that were.
func (s *Store) swap(ctx context.Context, w write) (int64, error) {
	where := []any{w.key, w.was}
	query := s.q.touch
	columns, args := []string{"expire_date"}, []any{w.expires}
	switch {
	case w.moves():
		if s.db.Dialect == MySQL { // the others check it in the statement
			if err := s.checkTaken(ctx, w.newKey); err != nil {
				return 0, err
			}
		}
		query = s.q.move
		columns, args = []string{"session_key", "session_data", "expire_date"}, []any{w.newKey, w.now, w.expires}
		if s.db.Dialect != MySQL {
			where = append(where, w.newKey)
		}
	case w.now != w.was:
		query = s.q.save
		columns, args = []string{"session_data", "expire_date"}, []any{w.now, w.expires}
	}
	if len(w.extra.names) > 0 {
		query = updateQuery(s.db.Dialect, s.opts.table, w.extra.names, columns...)
		args = append(args, w.extra.values...)
	}
	return s.db.Exec(ctx, query, append(args, where...)...)
}

// unchanged finds out why no row was written: another writer was faster, the new key is
// taken, or nothing was to change, which MySQL counts as a row only if the client asked for
// found rows.
func (s *Store) unchanged(ctx context.Context, w write) (django.Record, error) {
	rec, then, err := s.current(ctx, w.key, w.expires)
	if !errors.Is(err, django.ErrConflict) || rec.Version != w.was {
		return rec, err
	}
	switch {
	case w.moves():
		taken, takenErr := s.found(ctx, s.q.taken, w.newKey)
		if takenErr != nil {
			return django.Record{}, s.fail("save", takenErr, w.newKey)
		}
		if taken {
			return django.Record{}, django.ErrExists
		}
	case then && w.now == w.was:
		return django.Record{Key: w.key, Version: w.was}, nil
	}
	return rec, err
}

// current returns what is stored, as a conflict, and whether it expires then. That it
// is the very text that was to be stored proves nothing: another writer may have
// written the same in the same second.
func (s *Store) current(ctx context.Context, key string, expires any) (rec django.Record, then bool, err error) {
	text, then, err := s.held(ctx, key, expires)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return rec, false, django.ErrNotFound
	case err != nil:
		return rec, false, s.fail("save", err, key)
	}
	if rec, err = s.codec.Record(ctx, key, text); err != nil {
		return rec, false, s.fail("save", err, key)
	}
	return rec, then, django.ErrConflict
}
