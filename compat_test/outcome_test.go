package compat

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// result is one cell of the README's table.
type result struct {
	Django   string `json:"django"`   // "4.2.28"
	Python   string `json:"python"`   // "3.10.13"
	Database string `json:"database"` // "PostgreSQL"
	Version  string `json:"version"`  // of the database
	Sessions int    `json:"sessions"` // random ones, on which both sides agreed
	Full     bool   `json:"full"`     // whether every check ran
	Outcome  string `json:"outcome"`  // "pass", "fail" or why it was not run
}

type results struct {
	mu    sync.Mutex
	cells []result
}

var outcome results

func (r *results) add(one result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cells = append(r.cells, one)
}

// write stores the outcome for package table, if every Django ran on every database.
func (r *results) write() error {
	if djangos, err := testenv.ReadDjangos(); err != nil || len(r.cells) != len(djangos)*len(databases) {
		return nil
	}
	text, err := json.MarshalIndent(r.cells, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join("..", ".cache"), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("..", ".cache", "compat.json"), text, 0o644)
}

// verdict returns a finished test's outcome.
func verdict(t *testing.T) string {
	if t.Failed() {
		return "fail"
	}
	return "pass"
}
