package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
	"github.com/djsession/djsession/serializer"
)

// write is what a Save writes if the row still holds old.Version.
type write struct {
	old       django.Record
	key, text string
	expires   any
	extra     columns
}

func (w *write) moves() bool { return w.key != w.old.Key }

// Save implements django.Store.
func (s *Store) Save(ctx context.Context, old django.Record, u django.Write) (django.Record, error) {
	if !s.Possible(old.Key) || !s.Possible(u.Key) {
		return django.Record{}, errors.New("dbstore: save: the record is not one of this store")
	}
	w := write{old: old, key: u.Key, expires: s.clock.Param(u.Expires)}
	if err := s.prepare(ctx, &w, u.Data); err != nil {
		return django.Record{}, err
	}
	if w.moves() {
		if err := s.checkTaken(ctx, "save", w.key); err != nil {
			return django.Record{}, err
		}
	}
	n, err := s.swap(ctx, w)
	switch {
	case err != nil:
		return django.Record{}, s.failWrite(ctx, "save", err, w.key, w.moves())
	case n == 0:
		return s.unchanged(ctx, w)
	}
	return django.Record{Key: w.key, Version: w.text}, nil
}

// prepare encodes the data and gets the extra columns that go with it.
func (s *Store) prepare(ctx context.Context, w *write, data *serializer.Dict) (err error) {
	if data == nil {
		// A session that only gets a new expiry must outlive its key among the fallbacks.
		w.text, err = s.codec.Renew(ctx, w.old.Version)
	} else {
		w.text, err = s.codec.Encode(ctx, data)
	}
	if err != nil || s.model.extra == nil && s.opts.extra == nil {
		return err
	}
	if data == nil {
		rec, err := s.codec.Record(ctx, w.old.Key, w.old.Version)
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
	if !w.moves() {
		return s.update(ctx, w)
	}
	if !s.sharded.Load() {
		n, err := s.update(ctx, w)
		if err == nil || !sqldb.KeyUpdateUnsupported(err) || s.endsTx() {
			return n, err
		}
		s.sharded.Store(true)
	}
	return s.replace(ctx, w)
}

// replace moves a row by INSERT and DELETE, in this order: shards commit in the order in which they
// were written to, so that if that ends halfway the old row is still there.
func (s *Store) replace(ctx context.Context, w write) (int64, error) {
	query, args := s.insertion(w.text, w.expires, w.key, w.extra)
	moved, err := s.db.ExecTogether(ctx, sqldb.Statement{Query: query, Args: args},
		sqldb.Statement{Query: s.q.deleteHeld, Args: []any{w.old.Key, w.old.Version}})
	if !moved {
		return 0, err
	}
	return 1, nil
}

// update writes what differs with one UPDATE.
func (s *Store) update(ctx context.Context, w write) (int64, error) {
	query, columns, args := s.q.touch, touchColumns, make([]any, 0, 6+len(w.extra.values))
	switch {
	case w.moves():
		query, columns, args = s.q.move, moveColumns, append(args, w.key, w.text)
	case w.text != w.old.Version:
		query, columns, args = s.q.save, saveColumns, append(args, w.text)
	}
	if len(w.extra.names) > 0 {
		query = s.q.update(w.extra.names, columns...)
	}
	args = append(append(append(args, w.expires), w.extra.values...), w.old.Key, w.old.Version)
	if w.moves() && s.db.Dialect != sqldb.MySQL {
		args = append(args, w.key)
	}
	return s.db.Exec(ctx, query, args...)
}

// unchanged returns why no row was written: another writer was faster, the new key is taken,
// or nothing differs, which MySQL by default does not count as a row. A row that holds the very
// text that was to be stored is a conflict too: another writer may have stored the same in
// the same second.
func (s *Store) unchanged(ctx context.Context, w write) (django.Record, error) {
	text, same, err := s.held(ctx, w.old.Key, w.expires)
	if errors.Is(err, sql.ErrNoRows) {
		return django.Record{}, django.ErrNotFound
	}
	taken := false
	if err == nil && text == w.old.Version && w.moves() {
		taken, err = s.found(ctx, s.q.taken, w.key)
	}
	var rec django.Record
	if err == nil {
		rec, err = s.codec.Record(ctx, w.old.Key, text)
	}
	switch {
	case err != nil:
		return django.Record{}, s.fail("save", err)
	case taken:
		return django.Record{}, django.ErrExists
	case same && text == w.old.Version && text == w.text && !w.moves():
		return django.Record{Key: w.key, Version: text}, nil
	}
	s.readAlone(ctx, rec)
	return rec, django.ErrConflict
}
