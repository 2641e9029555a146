package dbstore_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestDiskFull: a session that finds no room is not stored, and nothing else is lost.
func TestDiskFull(t *testing.T) {
	dir, ok := testenv.Disk(t, 512<<10)
	if !ok {
		return
	}
	for _, journal := range []string{"delete", "wal"} {
		t.Run(journal, func(t *testing.T) {
			d := testenv.SQLiteFile(filepath.Join(dir, journal+".sqlite3"))
			d.CreateSessionTable(t)
			db := connect(t, d, "_pragma=journal_mode("+journal+")")
			ss := quiet(t, db)
			s := having(t, ss, "a", 1)

			filler := filepath.Join(dir, "filler")
			if err := os.WriteFile(filler, make([]byte, 1<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("filling the disk: %v", err)
			}
			long := rand.Text() // which cannot be compressed
			for len(long) < 40_000 {
				long += rand.Text()
			}
			set(t, s, "long", long)
			certain := func(what string, err error) {
				t.Helper()
				if err == nil || errors.Is(err, django.ErrOutcomeUnknown) || errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrInterrupted) {
					t.Errorf("%s on a full disk: %v", what, err)
				}
				if err != nil && strings.Contains(err.Error(), long[:40]) {
					t.Errorf("the error of %s quotes the session", what)
				}
			}
			certain("Save", s.Save(t.Context()))
			certain("Update", ss.Update(t.Context(), s.Key(), func(s *django.Session) error { return s.Set("long", long) }))
			fresh := ss.NewSession()
			set(t, fresh, "long", long)
			certain("Create", fresh.Save(t.Context()))
			fails(t, ss, s.Key(), setting(t, ss, "long", long))
			fails(t, ss, "", setting(t, ss, "long", long))
			holds(t, db, s.Key(), `{"a":1}`)
			holds(t, connect(t, d), s.Key(), `{"a":1}`)

			if err := os.Remove(filler); err != nil {
				t.Fatal(err)
			}
			save(t, s)
			holds(t, connect(t, d), s.Key(), `{"a":1,"long":"`+long+`"}`)
			works(t, ss, s.Key(), "a long", "b", 2)
			if err := db.Close(); err != nil {
				t.Error(err)
			}
			if err := os.Remove(d.Name); err != nil {
				t.Error(err)
			}
		})
	}
}
