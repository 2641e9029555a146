package main

import (
	"strings"
	"testing"
)

// TestSizingIsCurrent: docs/scaling.md shows what these figures and assumptions amount to.
func TestSizingIsCurrent(t *testing.T) {
	t.Chdir("../..")
	if _, err := tables["sizing"].run(false); err != nil {
		t.Error(err)
	}
}

// TestSizing compares with what was worked out by hand.
func TestSizing(t *testing.T) {
	s := sizingOf{
		loading: 0.5, saving: 0.1, busy: 0.5, average: 0.25, lifetime: 1_000_000, perSession: 50,
		goRequest: 10, goLoad: 50, goSave: 100,
		postgres: serverCost{load: 30, save: 100, loadNet: 1000, saveNet: 2000, loadMS: 1, saveMS: 5, logged: 1000, loggedAtMost: 8000, stored: 480},
		redis:    serverCost{load: 10, save: 20, loadNet: 100, saveNet: 200, loadMS: 1, saveMS: 1, logged: 500, loggedAtMost: 500, stored: 400},
	}
	rows := map[string]string{}
	for line := range strings.Lines(s.table()) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) < 3 {
			continue // the line below the header
		}
		rows[cells[0]] = cells[2] // of 10,000 requests a second
	}
	for name, want := range map[string]string{
		"loads / saves a second":                            "5,000 / 1,000",
		"sessions stored":                                   "25,000,000",       // 10,000 · 0.25 · 0.5 · 1,000,000 / 50
		"cores of the Go service":                           "0.7",              // 5,000 · 10 + 4,000 · 50 + 1,000 · 100 µs, twice
		"PostgreSQL: cores":                                 "0.5",              // 5,000 · 30 + 1,000 · 100 µs, twice
		"PostgreSQL: cores with SESSION_SAVE_EVERY_REQUEST": "1.3",              // 5,000 · 130 µs, twice
		"PostgreSQL: connections in use":                    "10",               // 5,000 · 1 + 1,000 · 5 ms
		"PostgreSQL: network":                               "7 MB/s",           // 5,000 · 1 + 1,000 · 2 kB
		"PostgreSQL: WAL":                                   "1 MB/s to 8 MB/s", // 1,000 · 1 kB, 1,000 · 8 kB
		"PostgreSQL: WAL a day":                             "22 GB",            // 1 MB · 0.25 · 86,400
		"PostgreSQL: stored":                                "12 GB",            // 25,000,000 · 480 B
		"Redis: cores":                                      "0.14",             // 5,000 · 10 + 1,000 · 20 µs, twice
		"Redis: AOF":                                        "500 kB/s",
	} {
		if rows[name] != want {
			t.Errorf("%s: %q, want %q", name, rows[name], want)
		}
	}
}

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		n          float64
		unit, want string
	}{{0.5, "", "0.5"}, {9.96, "", "10"}, {12.4, "", "12"}, {1234567, "", "1,200,000"}, {1234, "B", "1.2 kB"}, {123456, "B/s", "120 kB/s"}, {5e12, "B", "5 TB"}} {
		if got := quantity(c.n, c.unit); got != c.want {
			t.Errorf("%g %s: %q, want %q", c.n, c.unit, got, c.want)
		}
	}
}
