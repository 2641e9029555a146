package compat

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// fileValues: each side continues, moves and ends the other's sessions.
func fileValues(t *testing.T, e *elsewhere, dir string) {
	key, _ := e.atDjango(t, "", simpleProgram(nil)...)
	s := e.load(t, key)
	set(t, s, "c", 3)
	save(t, s)
	want := simple.With("c", fixtures.NewInt(3))
	e.djangoHas(t, key, want)

	s = e.load(t, key)
	s.CycleKey()
	save(t, s)
	e.djangoHas(t, key, fixtures.NewDict())
	e.djangoHas(t, s.Key(), want)
	moved, _ := e.atDjango(t, s.Key(), []any{"cycle_key"})
	if _, err := e.sessions.Load(t.Context(), s.Key()); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("after cycle_key: %v", err)
	}
	e.goHas(t, moved, want)

	// Go notices what Django has done since the session was loaded.
	s = e.load(t, moved)
	e.atDjango(t, moved, []any{"set", "d", fixtures.NewInt(4)})
	set(t, s, "e", 5)
	save(t, s)
	e.djangoHas(t, moved, want.With("d", fixtures.NewInt(4)).With("e", fixtures.NewInt(5)))
	e.atDjango(t, moved, []any{"get", "a"}, []any{"flush"})
	set(t, s, "f", 6)
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
		t.Errorf("Save after Django's flush: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

// sessionFile is a file that was put into the directory.
type sessionFile struct {
	name     string
	text     []byte
	modified time.Time
}

func (f sessionFile) put(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, f.name)
	if err := errors.Join(os.WriteFile(path, f.text, 0o600), os.Chtimes(path, f.modified, f.modified)); err != nil {
		t.Fatal(err)
	}
}

// fileExpiry: both sides agree on which sessions have expired, and clear the same.
func fileExpiry(t *testing.T, e *elsewhere, v siteVariant, dir string) {
	var all []sessionFile
	live := 0
	for _, x := range expiries {
		if x.dates && !v.pickle && !e.django.AtLeast(4, 1) {
			continue
		}
		key, _ := e.atDjango(t, "", simpleProgram(x.django(e.cell))...)
		text, err := os.ReadFile(filepath.Join(dir, "sessionid"+key))
		if err != nil {
			t.Fatal(err)
		}
		const age = 1209600 * time.Second
		for _, left := range []time.Duration{-time.Hour, 0, time.Second / 2, time.Second, 3 * time.Second / 2, time.Hour, 25 * time.Hour, age} {
			f := sessionFile{"sessionid" + key, text, stoppedAt.Add(left - age)}
			f.put(t, dir)
			_, err := e.sessions.Load(t.Context(), key)
			_, results := e.atDjango(t, key, []any{"items"}) // which removes it if it has expired
			if theirs := len(results[0].Value.Pairs) > 0; theirs != (err == nil) {
				t.Errorf("%s, %v left: Django finds it: %t; Go: %v", x.name, left, theirs, err)
			} else if theirs {
				live++
			}
			f.name = "sessionid" + fileKey(len(all))
			all = append(all, f)
		}

		// What Go writes.
		s := e.sessions.NewSession()
		setSimple(t, s)
		if err := x.set(s); err != nil {
			t.Fatal(err)
		}
		save(t, s)
		theirs, results := e.atDjango(t, s.Key(), []any{"items"})
		found := len(results[0].Value.Pairs) > 0
		if found && !fixtures.NewDict(results[0].Value.Pairs[:2]...).Equal(simple) {
			t.Errorf("%s: Django finds %v", x.name, results[0].Value)
		}
		if want := x.name != "negative" && x.name != "date in the past"; found != want || found && theirs != s.Key() {
			t.Errorf("%s: Django finds what Go stored: %t", x.name, found)
		}
		if info, err := os.Stat(filepath.Join(dir, "sessionid"+s.Key())); found && (err != nil || !info.ModTime().Equal(stoppedAt) || info.Mode().Perm() != 0o600) {
			t.Errorf("%s: Go's file: %v, %v", x.name, info, err)
		}
	}
	if live == 0 || live == len(all) {
		t.Errorf("%d of %d sessions were live", live, len(all))
	}

	remaining := map[string][]string{}
	for who, clear := range map[string]func() error{
		"Django": func() error {
			return e.worker.Call("clear_sessions", testenv.Args{"settings": e.settings}, nil)
		},
		"Go": func() error { _, err := e.sessions.ClearExpired(t.Context()); return err },
	} {
		empty(t, dir)
		for _, f := range all {
			f.put(t, dir)
		}
		if err := clear(); err != nil {
			t.Fatalf("%s clears: %v", who, err)
		}
		remaining[who] = empty(t, dir)
	}
	if !slices.Equal(remaining["Go"], remaining["Django"]) || len(remaining["Go"]) != live {
		t.Errorf("Django leaves %d sessions, Go %d; %d were live", len(remaining["Django"]), len(remaining["Go"]), live)
	}
}

// fileKey is a session key.
func fileKey(n int) string {
	return "made" + string(rune('a'+n/26%26)) + string(rune('a'+n%26)) + "xxxxxxxxxxxxxxxxxxxxxxxxxx"
}

// empty empties a directory and returns the names of what it held.
func empty(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
		if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return names
}
