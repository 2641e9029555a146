package main

import (
	"context"
	"errors"
	"time"

	"github.com/djsession/djsession/django"
)

// stub is a store that holds nothing and reports the keys of Load and Create.
type stub struct{ loaded, created func(key string) }

func (s stub) engine() django.Engine {
	return django.EngineFunc(func(django.Site) (django.Store, error) { return s, nil })
}

func (stub) Capabilities() django.Capabilities { return django.Capabilities{AtomicMove: true} }

func (s stub) Load(_ context.Context, key string, _ time.Time) (django.Record, error) {
	if s.loaded != nil {
		s.loaded(key)
	}
	return django.Record{}, django.ErrNotFound
}

func (s stub) Create(_ context.Context, w django.Write) (django.Record, error) {
	if s.created == nil {
		return django.Record{}, errors.New("bridge: the session has no store")
	}
	s.created(w.Key)
	return django.Record{Key: w.Key, Version: w.Key}, nil
}

func (stub) Save(context.Context, django.Record, django.Write) (django.Record, error) {
	return django.Record{}, errors.New("bridge: the session has no store")
}

func (stub) Delete(context.Context, string) error { return nil }

func (stub) ClearExpired(context.Context, time.Time) (int64, error) { return 0, nil }
