package storetest_test

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/djsession/djsession/django"
)

// signed is a store like signed_cookies: the key is the session itself.
type signed struct{ codec *django.Codec }

func (signed) Capabilities() django.Capabilities {
	return django.Capabilities{Expires: true, ChoosesKeys: true}
}

func (s signed) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	expires, text, _ := strings.Cut(key, " ")
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

func (s signed) Create(ctx context.Context, w django.Write) (django.Record, error) {
	text, err := s.codec.Encode(ctx, w.Data)
	if err := cmp.Or(err, ctx.Err()); err != nil {
		return django.Record{}, err
	}
	key := strconv.FormatInt(w.Expires.Unix(), 10) + " " + text
	return django.Record{Key: key, Version: key}, nil
}

func (s signed) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	if w.Data == nil {
		_, text, _ := strings.Cut(old.Key, " ")
		rec, err := s.codec.Record(ctx, old.Key, text)
		if err != nil {
			return django.Record{}, err
		}
		w.Data = rec.Data
	}
	return s.Create(ctx, w)
}

func (signed) Delete(context.Context, string) error { return nil }

func (signed) ClearExpired(context.Context, time.Time) (int64, error) { return 0, nil }
