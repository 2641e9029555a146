package memstore_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
	"github.com/djsession/djsession/memstore"
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

// The store does the same for a site that pickles its sessions.
func TestStoreOfPickles(t *testing.T) {
	storetest.Run(t, func(t *testing.T) django.Store {
		set := settings()
		set.DjangoVersion, set.SessionSerializer = "4.2", "django.contrib.sessions.serializers.PickleSerializer"
		ss, err := django.New(set, memstore.New())
		if err != nil {
			t.Fatal(err)
		}
		return ss.Store()
	})
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
