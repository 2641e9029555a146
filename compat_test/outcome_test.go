package compat

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// result is a cell of one of the README's tables, or a part of one.
type result struct {
	Django   string `json:"django"`   // "4.2.28"
	Python   string `json:"python"`   // "3.10.13"
	Database string `json:"database"` // "PostgreSQL", or a session engine
	Version  string `json:"version"`  // of the database
	Sessions int    `json:"sessions"` // random ones, on which both sides agreed
	Full     bool   `json:"full"`     // whether every check ran
	Outcome  string `json:"outcome"`  // "pass", "fail" or why it was not run
}

type results struct {
	file  string // in .cache
	cells []result
	mu    sync.Mutex
}

var (
	outcome        = results{file: "compat.json"}
	engineOutcomes = results{file: "engines.json"}
)

func (r *results) add(one result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cells = append(r.cells, one)
}

// write stores the outcome for package table, if every Django ran.
func (r *results) write(cells func([]testenv.Django) int) func() error {
	return func() error {
		if djangos, err := testenv.ReadDjangos(); err != nil || len(r.cells) != cells(djangos) {
			return nil
		}
		text, err := json.MarshalIndent(r.cells, "", "\t")
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join("..", ".cache"), 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join("..", ".cache", r.file), text, 0o644)
	}
}

// onDatabases and onEngines are how many cells a whole run has.
func onDatabases(djangos []testenv.Django) int { return len(djangos) * len(databases) }

func onEngines(djangos []testenv.Django) (n int) {
	for _, d := range djangos {
		for _, e := range sessionEngines {
			if e.on(d) {
				n++
			}
		}
	}
	return n
}

// verdict returns a finished test's outcome.
func verdict(t *testing.T) string {
	if t.Failed() {
		return "fail"
	}
	return "pass"
}
