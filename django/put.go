package django

import (
	"context"
	"errors"
	"fmt"

	"github.com/djsession/djsession/serializer"
)

// put tries once to store the draft, under a new key if it needs one. mayMerge allows the
// store to merge instead of returning a conflict. A conflict comes with the record that is
// stored now.
func (d *draft) put(ctx context.Context, mayMerge bool) (Record, error) {
	w, err := d.write(d.data)
	if err != nil {
		return Record{}, err
	}
	ctx = d.attempt(d.session.storing(ctx))
	if mayMerge && d.site.caps.Merges {
		return d.putMerging(ctx, w)
	}
	rec, err := d.putWrite(ctx, &w)
	return d.wasPut(rec, d.data, err)
}

// putMerging is put to a store that can merge.
func (d *draft) putMerging(ctx context.Context, w Write) (Record, error) {
	var merging Record
	data := d.data // what is stored
	w.Merge = func(current Record) (merged Write, err error) {
		merging = current
		if err := d.site.readable(current); err != nil {
			return merged, err
		}
		data = current.Data
		d.merges(data)
		d.changes.apply(data)
		merged, err = d.write(data)
		merged.Key = w.Key
		return merged, err
	}
	rec, err := d.putWrite(ctx, &w)
	d.site.warn(ctx, merging)
	return d.wasPut(rec, data, err)
}

// wasPut makes rec, with data, what is stored, unless there is an error.
func (d *draft) wasPut(rec Record, data *serializer.Dict, err error) (Record, error) {
	switch {
	case errors.Is(err, ErrNotFound):
		err = ErrInterrupted
	case err == nil:
		rec.Data = data
		d.setStored(rec)
		d.settle()
		d.modified = true // the cookie is due
	}
	return rec, err
}

// write returns the write of data, to which the draft's changes were made.
func (d *draft) write(data *serializer.Dict) (Write, error) {
	life, err := d.site.lifetime(data)
	if err != nil {
		return Write{}, err
	}
	w := Write{Key: d.stored.Key, Expires: life.date, Age: life.duration()}
	if d.changes.any() || d.stored.Key == "" {
		w.Data = data
	}
	return w, nil
}

// putWrite stores w, after setting its key.
func (d *draft) putWrite(ctx context.Context, w *Write) (Record, error) {
	create := func(key string) (Record, error) {
		w.Key = key
		return d.site.store.Create(ctx, *w)
	}
	move := func(key string) (Record, error) {
		w.Key = key
		rec, err := d.site.store.Save(ctx, d.stored, *w)
		if errors.Is(err, ErrOutcomeUnknown) {
			d.candidate = key
		}
		return rec, err
	}
	switch {
	case d.stored.Key == "":
		// After an unknown outcome another key is used. Nobody has the first one, so a
		// session that appears under it later does no harm.
		return d.site.withNewKey(create)
	case !d.cycling || d.site.caps.ChoosesKeys:
		return d.site.store.Save(ctx, d.stored, *w)
	case d.candidate != "":
		rec, err := move(d.candidate)
		if errors.Is(err, ErrExists) {
			// Either the session has moved, or a store that moves in steps made the copy
			// only, so far. Then the session moves to another key, unless the copy turns out
			// to be all that is left.
			candidate := d.candidate
			if _, err = d.site.store.Load(ctx, d.stored.Key, d.site.now()); err == nil {
				rec, err = d.site.withNewKey(move)
			}
			if errors.Is(err, ErrNotFound) {
				d.candidate = candidate
			}
		}
		if errors.Is(err, ErrNotFound) {
			return d.adopt(ctx)
		}
		return rec, err
	}
	return d.site.withNewKey(move)
}

// adopt finds out whether an attempt whose outcome is unknown moved the session to the new
// key. Nobody was told that key, so whatever is under it was stored by that attempt. It is
// returned as a conflict, to start again from.
func (d *draft) adopt(ctx context.Context) (Record, error) {
	rec, err := d.site.store.Load(ctx, d.candidate, d.site.now())
	if err != nil {
		return rec, err
	}
	if err := d.site.readable(rec); err != nil {
		return rec, err
	}
	d.cycling, d.candidate = false, ""
	found := rec
	found.Data = rec.Data.Clone() // the caller may start again from rec
	d.rebase(found)               // its key is known even if this save fails
	return rec, ErrConflict
}

// withNewKey calls put with new keys until one is not in use.
func (site *site) withNewKey(put func(key string) (Record, error)) (Record, error) {
	for range 10 {
		key, err := newKey(site.random)
		if err != nil {
			return Record{}, err
		}
		if rec, err := put(key); !errors.Is(err, ErrExists) {
			return rec, err
		}
	}
	return Record{}, fmt.Errorf("%w, ten times in a row: is the source of randomness broken?", ErrExists)
}
