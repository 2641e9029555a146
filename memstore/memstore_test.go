package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/serializer"
)

func settings() django.Settings {
	s := django.DefaultSettings()
	s.SecretKey = "the-secret-of-the-site"
	return s
}

func open(t *testing.T, engine django.Engine) *django.Sessions {
	t.Helper()
	ss, err := django.New(settings(), engine)
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) django.Store { return open(t, memstore.New()).Store() })
}

// expiring is a store whose sessions disappear when their time is over, as a cache's do.
type expiring struct{ django.Store }

func (s expiring) expire(ctx context.Context) error {
	_, err := s.Store.ClearExpired(ctx, time.Now().Add(time.Nanosecond))
	return err
}

func (s expiring) Create(ctx context.Context, key string, data *serializer.Dict, expires time.Time) (django.Record, error) {
	if err := s.expire(ctx); err != nil {
		return django.Record{}, err
	}
	return s.Store.Create(ctx, key, data, expires)
}

func (s expiring) Save(ctx context.Context, old django.Record, u django.Update) (django.Record, error) {
	if err := s.expire(ctx); err != nil {
		return django.Record{}, err
	}
	return s.Store.Save(ctx, old, u)
}

func (expiring) ClearExpired(context.Context, time.Time) (int64, error) { return 0, nil }

// The suite holds for stores whose sessions expire by themselves, too.
func TestConformanceOfAnExpiringStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) django.Store { return expiring{open(t, memstore.New()).Store()} })
}

// What is opened on one engine shares its sessions; another one has others.
func TestEnginesAndSessions(t *testing.T) {
	engine := memstore.New()
	s := open(t, engine).NewSession()
	if err := errors.Join(s.Set("a", 1), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, engine).Load(t.Context(), s.Key()); err != nil {
		t.Error(err)
	}
	if _, err := open(t, memstore.New()).Load(t.Context(), s.Key()); !errors.Is(err, django.ErrNotFound) {
		t.Error(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		if text := fmt.Sprintf(verb+verb, engine, open(t, engine).Store()); strings.Contains(text, s.Key()) {
			t.Errorf("%s prints a session key", verb)
		}
	}
}

// byteVersions is a store whose versions cannot be compared by ==, as a cache's might.
type byteVersions struct{ django.Store }

func inBytes(r django.Record, err error) (django.Record, error) {
	if text, ok := r.Version.(string); ok {
		r.Version = []byte(text)
	}
	return r, err
}

func (s byteVersions) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	return inBytes(s.Store.Load(ctx, key, now))
}

func (s byteVersions) Create(ctx context.Context, key string, data *serializer.Dict, expires time.Time) (django.Record, error) {
	return inBytes(s.Store.Create(ctx, key, data, expires))
}

func (s byteVersions) Save(ctx context.Context, old django.Record, u django.Update) (django.Record, error) {
	old.Version = string(old.Version.([]byte))
	return inBytes(s.Store.Save(ctx, old, u))
}

// A version may be of any type.
func TestConformanceWithVersionsOfBytes(t *testing.T) {
	byBytes := func(codec *django.Codec) (django.Store, error) {
		store, err := memstore.New().Open(codec)
		return byteVersions{store}, err
	}
	storetest.Run(t, func(t *testing.T) django.Store { return open(t, django.EngineFunc(byBytes)).Store() })
	ss := open(t, django.EngineFunc(byBytes))
	s := ss.NewSession()
	if err := errors.Join(s.Set("a", 1), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	other, err := ss.Load(t.Context(), s.Key())
	if err := errors.Join(err, other.Set("b", 1), other.Save(t.Context()), s.Set("c", 1), s.Save(t.Context())); err != nil {
		t.Error(err)
	}
}
