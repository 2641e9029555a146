package compat

import (
	"path/filepath"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// locked runs the snippet of docs/guarantees.md in a Django view. Package torture tests it
// with concurrent writers.
func locked(t *testing.T, c *cell) {
	if !c.django.AtLeast(3, 2) {
		return // which has no SessionInterrupted
	}
	snippet, err := filepath.Abs("../docs/snippets/locked_session.py")
	if err != nil {
		t.Fatal(err)
	}
	type answer struct {
		Status int
		Cookie bool
		Raised string
	}
	once := func(key any, fails bool) answer {
		t.Helper()
		return testenv.Ask[answer](t, c.worker, "lock_once", testenv.Args{
			"snippet": snippet, "session_key": key, "name": "locked", "fails": fails,
		})
	}
	key := c.create(t).SessionKey
	for _, step := range []struct {
		name   string
		key    any
		fails  bool
		want   answer
		stored bool
	}{
		{"what fails inside is not saved, though the view goes on", key, true, answer{200, false, "LookupError"}, false},
		{"what is set inside is saved", key, false, answer{200, false, ""}, true},
		{"a new visitor gets a session", nil, false, answer{200, true, ""}, true},
	} {
		if got := once(step.key, step.fails); got != step.want {
			t.Errorf("%s: %+v, want %+v", step.name, got, step.want)
		}
		if step.key != nil && c.load(t, key).Has("locked") != step.stored {
			t.Errorf("%s: it does not hold", step.name)
		}
	}
	if err := c.sessions.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if got := once(key, false); got.Raised != "django.contrib.sessions.exceptions.SessionInterrupted" {
		t.Errorf("of a session that is gone: %+v", got)
	}
}
