package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// write is what Save writes, if the row still holds the text that was loaded.
type write struct {
	key, newKey    string
	loaded, stored string
	expires        any
	extra          columns
}

func (w *write) moves() bool { return w.newKey != w.key }

// Save implements django.Store.
func (s *Store) Save(ctx context.Context, old django.Record, u django.Write) (django.Record, error) {
	if !s.Possible(old.Key) || !s.Possible(u.Key) {
		return django.Record{}, errors.New("dbstore: save: the record is not one of this store")
	}
	w := write{key: old.Key, newKey: u.Key, loaded: old.Version, expires: s.clock.Param(u.Expires)}
	if err := s.prepare(ctx, &w, u); err != nil {
		return django.Record{}, err
	}
	if w.moves() {
		if err := s.checkTaken(ctx, "save", w.newKey); err != nil {
			return django.Record{}, err
		}
	}
	n, err := s.swap(ctx, w)
	switch {
	case err != nil && w.moves():
		return django.Record{}, s.failMove(ctx, "save", err, w.newKey)
	case err != nil:
		return django.Record{}, s.fail("save", err)
	case n > 0:
		return django.Record{Key: w.newKey, Version: w.stored}, nil
	}
	return s.unchanged(ctx, w)
}

// prepare encodes the data and gets the extra columns that go with it.
func (s *Store) prepare(ctx context.Context, w *write, u django.Write) (err error) {
	data := u.Data
	if data == nil {
		// A session that only gets a new expiry must outlive its key among the fallbacks.
		w.stored, err = s.codec.Renew(ctx, w.loaded)
	} else {
		w.stored, err = s.codec.Encode(ctx, data)
	}
	if err != nil || s.model.extra == nil && s.opts.extra == nil {
		return err
	}
	if data == nil {
		rec, err := s.codec.Record(ctx, w.key, w.loaded)
		if err != nil || rec.Corrupt != nil {
			return err // the columns of unreadable data are unknown
		}
		data = rec.Data
	}
	if w.extra, err = s.extraColumns(ctx, data, w.moves()); err != nil {
		return fmt.Errorf("dbstore: save: %w", err)
	}
	return nil
}

// swap writes what differs, and returns how many rows it wrote.
func (s *Store) swap(ctx context.Context, w write) (int64, error) {
	query, columns, args := s.q.touch, []string{"expire_date"}, []any{w.expires}
	switch {
	case w.moves():
		query, columns, args = s.q.move, []string{"session_key", "session_data", "expire_date"}, []any{w.newKey, w.stored, w.expires}
	case w.stored != w.loaded:
		query, columns, args = s.q.save, []string{"session_data", "expire_date"}, []any{w.stored, w.expires}
	}
	if len(w.extra.names) > 0 {
		query = s.q.update(w.extra.names, columns...)
	}
	args = append(append(args, w.extra.values...), w.key, w.loaded)
	if w.moves() && s.db.Dialect != sqldb.MySQL {
		args = append(args, w.newKey)
	}
	return s.db.Exec(ctx, query, args...)
}

// unchanged returns why no row was written: another writer was faster, the new key is taken,
// or nothing differs, which MySQL by default does not count as a row. A row that holds the very
// text that was to be stored is a conflict too: another writer may have stored the same in
// the same second.
func (s *Store) unchanged(ctx context.Context, w write) (django.Record, error) {
	text, same, err := s.held(ctx, w.key, w.expires)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return django.Record{}, django.ErrNotFound
	case err != nil:
		return django.Record{}, s.fail("save", err)
	case text == w.loaded && w.moves():
		taken, err := s.found(ctx, s.q.taken, w.newKey)
		if err != nil {
			return django.Record{}, s.fail("save", err)
		}
		if taken {
			return django.Record{}, django.ErrExists
		}
	case text == w.loaded && w.stored == w.loaded && same:
		return django.Record{Key: w.key, Version: w.loaded}, nil
	}
	rec, err := s.codec.Record(ctx, w.key, text)
	if err != nil {
		return django.Record{}, s.fail("save", err)
	}
	return rec, django.ErrConflict
}
