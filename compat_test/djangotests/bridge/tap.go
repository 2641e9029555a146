package main

import (
	"context"
	"errors"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// tap is the site's store. It records in passed what is loaded and stored, since a
// Session does not show its record. With seed set, Load finds that record.
type tap struct {
	django.Store
	seed *django.Record
}

// passed are the records that were last loaded or stored, by key, each with a copy of
// its data.
var passed = map[string]django.Record{}

func remember(r django.Record, d *serializer.Dict) {
	r.Data = d.Clone()
	passed[r.Key] = r
}

func (t *tap) Load(ctx context.Context, key string, at time.Time) (django.Record, error) {
	if t.seed != nil && t.seed.Key == key {
		r := *t.seed
		r.Data = r.Data.Clone()
		return r, nil
	}
	r, err := t.Store.Load(ctx, key, at)
	if err == nil {
		remember(r, r.Data)
	}
	return r, err
}

func (t *tap) Create(ctx context.Context, w django.Write) (django.Record, error) {
	r, err := t.Store.Create(ctx, w)
	if err == nil {
		remember(r, w.Data)
	}
	return r, err
}

func (t *tap) Save(ctx context.Context, old django.Record, u django.Write) (django.Record, error) {
	r, err := t.Store.Save(ctx, old, u)
	switch {
	case err == nil && u.Data != nil:
		remember(r, u.Data)
	case err == nil:
		remember(r, passed[old.Key].Data)
	case errors.Is(err, django.ErrConflict):
		remember(r, r.Data)
	}
	return r, err
}

// loadSeeded loads a record as if the store held it.
func (s *site) loadSeeded(r django.Record) (*django.Session, error) {
	s.tap.seed = &r
	defer func() { s.tap.seed = nil }()
	return s.sessions.Load(context.Background(), r.Key)
}
