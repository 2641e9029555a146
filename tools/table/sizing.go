package main

import (
	"errors"
	"fmt"
	"math"
)

// sizingOf are the assumptions of docs/scaling.md and what it measured. Who has other figures
// changes them here and runs `go run ./tools/table sizing`.
type sizingOf struct {
	loading, saving float64 // shares of the requests that load the session, and that save it as well
	busy            float64 // share of their processors that servers use at the peak
	average         float64 // requests over the whole day, as a share of those at the peak
	lifetime        float64 // seconds that a session is stored
	perSession      float64 // loads of a session in that time

	goRequest, goLoad, goSave float64 // µs of the Go service's processors: no session, one that loads, one that saves too
	postgres, redis           serverCost
}

// serverCost is what loads and saves cost a server.
type serverCost struct {
	load, save     float64 // µs of its processors
	loadNet        float64 // bytes between it and its clients
	saveNet        float64
	loadMS, saveMS float64 // milliseconds that a connection is in use
	logged         float64 // bytes of WAL or AOF that a save writes
	loggedAtMost   float64 // the same just after a checkpoint
	stored         float64 // bytes that a session takes, indexes included
}

var sizing = sizingOf{
	loading: 0.5, saving: 0.05, busy: 0.5, average: 1. / 3, lifetime: 14 * 24 * 3600, perSession: 40,
	goRequest: 19, goLoad: 70, goSave: 150,
	postgres: serverCost{load: 33, save: 135, loadNet: 800, saveNet: 1400, loadMS: 0.5, saveMS: 2, logged: 1000, loggedAtMost: 9700, stored: 815},
	redis:    serverCost{load: 7.5, save: 16, loadNet: 510, saveNet: 1000, loadMS: 0.3, saveMS: 0.4, logged: 540, loggedAtMost: 540, stored: 640},
}

// render returns the table. A document that shows another one is outdated.
func (s sizingOf) render(shown string, write bool) (string, error) {
	text := s.table()
	if shown != text && !write {
		return text, errors.New("docs/scaling.md is outdated; renew it with `go run ./tools/table -write sizing`")
	}
	return text, nil
}

// sizes are the requests a second of the table's columns.
var sizes = []float64{1_000, 10_000, 100_000, 1_000_000}

// table has a column for each size.
func (s sizingOf) table() string {
	titles := []string{"requests a second, at the peak"}
	for _, n := range sizes {
		titles = append(titles, quantity(n, ""))
	}
	text := header(titles...)
	line := func(name string, f func(requests float64) string) {
		cells := []string{name}
		for _, n := range sizes {
			cells = append(cells, f(n))
		}
		text += row(cells...)
	}
	line("loads / saves a second", func(n float64) string {
		return quantity(n*s.loading, "") + " / " + quantity(n*s.saving, "")
	})
	line("sessions stored", func(n float64) string { return quantity(s.sessions(n), "") })
	line("cores of the Go service", func(n float64) string {
		return cores(n * (s.goRequest*(1-s.loading) + s.goLoad*(s.loading-s.saving) + s.goSave*s.saving) / s.busy)
	})
	for _, server := range []struct {
		name, logged string
		cost         serverCost
	}{{"PostgreSQL", "WAL", s.postgres}, {"Redis", "AOF", s.redis}} {
		c := server.cost
		line(server.name+": cores", func(n float64) string { return cores(n * (s.loading*c.load + s.saving*c.save) / s.busy) })
		line(server.name+": cores with SESSION_SAVE_EVERY_REQUEST", func(n float64) string { return cores(n * s.loading * (c.load + c.save) / s.busy) })
		line(server.name+": connections in use", func(n float64) string {
			return quantity(math.Ceil(n*(s.loading*c.loadMS+s.saving*c.saveMS)/1000), "")
		})
		line(server.name+": network", func(n float64) string { return quantity(n*(s.loading*c.loadNet+s.saving*c.saveNet), "B/s") })
		line(server.name+": "+server.logged, func(n float64) string {
			least := quantity(n*s.saving*c.logged, "B/s")
			if c.loggedAtMost > c.logged {
				least += " to " + quantity(n*s.saving*c.loggedAtMost, "B/s")
			}
			return least
		})
		line(server.name+": "+server.logged+" a day", func(n float64) string { return quantity(n*s.saving*c.logged*s.average*24*3600, "B") })
		line(server.name+": stored", func(n float64) string { return quantity(s.sessions(n)*c.stored, "B") })
	}
	return text
}

// sessions returns how many sessions are stored. Each is loaded perSession times in its lifetime.
func (s sizingOf) sessions(requests float64) float64 {
	return requests * s.average * s.loading * s.lifetime / s.perSession
}

// cores writes microseconds a second as a number of processors.
func cores(microseconds float64) string { return quantity(microseconds/1e6, "") }

// quantity writes a number with two digits that count, and a unit.
func quantity(n float64, unit string) string {
	prefix := ""
	if unit != "" {
		for _, p := range []string{"k", "M", "G", "T"} {
			if n < 1000 {
				break
			}
			n, prefix = n/1000, p
		}
	}
	digit := math.Pow(10, math.Floor(math.Log10(n))-1)
	n = math.Round(n/digit*(1+1e-9)) * digit // 4.85 is less than it looks like
	text := fmt.Sprintf("%.2g", n)
	if n >= 10 {
		text = grouped(n)
	}
	if unit == "" {
		return text
	}
	return text + " " + prefix + unit
}

// grouped writes a whole number as 12,345.
func grouped(n float64) string {
	text := fmt.Sprintf("%.0f", n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
