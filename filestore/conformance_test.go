package filestore_test

import (
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
	"github.com/djsession/djsession/filestore"
)

func settings() django.Settings {
	s := django.DefaultSettings()
	s.SecretKey, s.SessionEngine, s.UseTZ = "the-secret-of-the-site", django.EngineFile, new(true)
	return s
}

func open(t *testing.T, settings django.Settings, dir string, opts ...django.Option) *django.Sessions {
	t.Helper()
	ss, err := django.New(settings, filestore.New(dir), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

func TestConformance(t *testing.T) {
	dir := t.TempDir()
	storetest.Run(t, func(t *testing.T) django.Store { return open(t, settings(), dir).Store() })
}
