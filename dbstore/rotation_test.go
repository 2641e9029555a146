package dbstore_test

import (
	"testing"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestRotation: a session that only lives on, touched or under a new key, is
// signed anew before its SECRET_KEY leaves the fallbacks.
func TestRotation(t *testing.T) {
	db := connect(t, withTable(t, testenv.SQLiteVendor))
	s := saved(t, newSessions(t, db))
	rotated := settings()
	rotated.SecretKey, rotated.SecretKeyFallbacks = "new", []string{settings().SecretKey}
	ss, err := django.New(rotated, dbstore.New(db))
	if err != nil {
		t.Fatal(err)
	}
	s = load(t, ss, s.Key())
	s.MarkModified() // as SESSION_SAVE_EVERY_REQUEST does
	save(t, s)
	s.CycleKey()
	save(t, s)
	rotated.SecretKeyFallbacks = nil
	if ss, err = django.New(rotated, dbstore.New(db)); err != nil {
		t.Fatal(err)
	}
	if got := keys(load(t, ss, s.Key())); got != "a" {
		t.Errorf("data is lost: keys are %q", got)
	}
}
