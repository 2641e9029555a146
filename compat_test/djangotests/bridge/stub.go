package main

import (
	"context"
	"errors"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// stub is a store that holds nothing and reports the keys of Load and Create.
type stub struct{ loaded, created func(key string) }

func (s stub) engine() django.Engine {
	return django.EngineFunc(func(*django.Codec) (django.Store, error) { return s, nil })
}

func (s stub) Load(_ context.Context, key string, _ time.Time) (django.Record, error) {
	if s.loaded != nil {
		s.loaded(key)
	}
	return django.Record{}, django.ErrNotFound
}

func (s stub) Create(_ context.Context, key string, _ *serializer.Dict, _ time.Time) (django.Record, error) {
	if s.created == nil {
		return django.Record{}, errors.New("bridge: the session has no store")
	}
	s.created(key)
	return django.Record{Key: key, Version: key}, nil
}

func (stub) Save(context.Context, django.Record, django.Update) (django.Record, error) {
	return django.Record{}, errors.New("bridge: the session has no store")
}

func (stub) Delete(context.Context, string) error { return nil }

func (stub) ClearExpired(context.Context, time.Time) (int64, error) { return 0, nil }
