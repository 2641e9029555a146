package cookiestore_test

import (
	"testing"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
)

func settings() django.Settings {
	s := django.DefaultSettings()
	s.SecretKey, s.SessionEngine, s.UseTZ = "the-secret-of-the-site", django.EngineSignedCookies, new(true)
	return s
}

func open(t *testing.T, settings django.Settings, opts ...django.Option) *django.Sessions {
	t.Helper()
	ss, err := django.New(settings, cookiestore.New(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) django.Store { return open(t, settings()).Store() })
}
