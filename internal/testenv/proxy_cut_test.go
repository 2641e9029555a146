package testenv

import (
	"database/sql"
	"errors"
	"syscall"
	"testing"
	"time"
)

func TestProxyCuts(t *testing.T) {
	e := newEcho(t)
	p := proxyTo(t, e.addr)
	bystander := dial(t, p)
	for _, when := range []string{"after", "before"} {
		// The text comes in two pieces, which must not escape.
		conn := dial(t, p)
		answers(t, conn)
		within(t, e.lines, "the line")
		called := false
		then := func() { called = true }
		var made <-chan struct{}
		if when == "after" {
			made = p.CutAfter("COMMIT", then)
		} else {
			made = p.CutBefore("COMMIT", then)
		}
		answers(t, conn)
		within(t, e.lines, "the line")
		silent(t, made, "the cut")
		if _, err := conn.Write([]byte("x COM")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
		got, err := say(conn, "MIT y\n", time.Minute)
		if got != "" || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: the client got %q, %v", when, got, err)
		}
		within(t, made, "the cut")
		if !called {
			t.Errorf("%s: nothing was called before the cut", when)
		}
		if when == "after" {
			if line := within(t, e.lines, "the line"); line != "x COMMIT y\n" {
				t.Errorf("%s: the server got %q", when, line)
			}
		} else {
			silent(t, e.lines, "a line")
		}
		again := dial(t, p)
		if got, err := say(again, "COMMIT\n", time.Minute); got != "COMMIT\n" {
			t.Errorf("%s: a cut is made once, but a second client got %q, %v", when, got, err)
		}
		within(t, e.lines, "the line")
	}
	answers(t, bystander)
}

// TestProxyCutsInMidCommit, on the real servers.
func TestProxyCutsInMidCommit(t *testing.T) {
	for name, vendor := range map[string]Vendor{"PostgreSQL": PostgreSQLVendor, "MariaDB": MySQLVendor} {
		t.Run(name, func(t *testing.T) {
			d := servers.New(t, vendor)
			direct := d.Connect(t)
			if _, err := direct.Exec("CREATE TABLE thing (n int, word varchar(40))"); err != nil {
				t.Fatal(err)
			}
			through, p := d.Proxied(t)
			db := through.Connect(t)
			insert := "INSERT INTO thing VALUES (1, ?)"
			if vendor == PostgreSQLVendor {
				insert = "INSERT INTO thing VALUES (1, $1)"
			}
			p.CutAfter("a certain word", func() { counted(t, direct, 1) })
			if _, err := db.Exec(insert, "a certain word"); err == nil {
				t.Error("the answer arrived")
			}
			counted(t, direct, 1)
			p.CutBefore("a certain word", nil)
			if _, err := db.Exec(insert, "a certain word"); err == nil {
				t.Error("the answer arrived")
			}
			counted(t, direct, 1)
			if _, err := db.Exec(insert, "a certain word"); err != nil {
				t.Error(err)
			}
			counted(t, db, 2)
		})
	}
}

func counted(t *testing.T, db *sql.DB, want int) {
	t.Helper()
	var rows int
	if err := db.QueryRow("SELECT count(*) FROM thing").Scan(&rows); err != nil || rows != want {
		t.Errorf("%d rows, want %d (%v)", rows, want, err)
	}
}
