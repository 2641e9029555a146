// Package signedstore is a store like Django's signed_cookies, for tests: the key is the
// session.
package signedstore

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/djsession/djsession/django"
)

// Open is a django.EngineFunc.
func Open(site django.Site) (django.Store, error) { return store{site.Codec}, nil }

// store keeps a session in its key: when it expires, and the text of a row.
type store struct{ codec *django.Codec }

func (s store) Capabilities() django.Capabilities {
	return django.Capabilities{Expires: true, ChoosesKeys: true, Format: s.codec.Format()}
}

func (s store) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	expires, text, _ := strings.Cut(key, "/")
	seconds, err := strconv.ParseInt(expires, 10, 64)
	if err != nil || seconds <= now.Unix() || ctx.Err() != nil {
		return django.Record{}, cmp.Or(ctx.Err(), django.ErrNotFound)
	}
	rec, err := s.codec.Record(ctx, key, text)
	if err == nil && rec.Corrupt != nil {
		err = django.ErrNotFound
	}
	return rec, err
}

func (s store) Create(ctx context.Context, w django.Write) (django.Record, error) {
	text, err := s.codec.Encode(ctx, w.Data)
	if err := cmp.Or(err, ctx.Err()); err != nil {
		return django.Record{}, err
	}
	key := strconv.FormatInt(w.Expires.Unix(), 10) + "/" + text
	return django.Record{Key: key, Version: key}, nil
}

func (s store) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	if w.Data == nil {
		rec, err := s.Load(ctx, old.Key, time.Time{})
		if err != nil {
			return rec, err
		}
		w.Data = rec.Data
	}
	return s.Create(ctx, w)
}

func (store) Delete(context.Context, string) error { return nil }

func (store) ClearExpired(context.Context, time.Time) (int64, error) { return 0, nil }
