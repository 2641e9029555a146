package compat

import (
	"os"
	"slices"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// full runs every check with every Django on every database, as `make matrix` does.
// Otherwise, as `make test` does, every Django runs on every database, every check runs with
// every Django and on every database, and random inputs are fewer.
var full = os.Getenv("DJSESSION_MATRIX") == "full"

// inFull returns the databases if every check runs.
func inFull(all ...database) []database {
	if full {
		return all
	}
	return nil
}

// times returns the number of random inputs.
func times(inFull, otherwise int) int {
	if full {
		return inFull
	}
	return otherwise
}

// The databases on which a costly check runs unless full: all with the newest Django, one
// with each of the others.
var (
	formsOn = map[string][]testenv.Vendor{
		"2.2": {testenv.SQLiteVendor},
		"3.2": {testenv.SQLiteVendor},
		"4.2": {testenv.SQLiteVendor},
		"5.2": {testenv.SQLiteVendor},
		"6.0": {testenv.SQLiteVendor},
	}
	loginsOn = map[string][]testenv.Vendor{
		"2.2": {testenv.SQLiteVendor},
		"3.2": {testenv.PostgreSQLVendor},
		"4.2": {testenv.MySQLVendor},
		"5.2": {testenv.SQLiteVendor},
		"6.0": {testenv.PostgreSQLVendor},
	}
)

// inScope reports whether a costly check runs in a cell.
func (c *cell) inScope(on map[string][]testenv.Vendor) bool {
	return full || c.column.beside == "" && (c.newest || slices.Contains(on[c.django.Name], c.database.Vendor))
}

// oldestAndNewest returns two Djangos, or all if DJSESSION_MATRIX is full: for what another test
// checks with each.
func oldestAndNewest(t *testing.T) []testenv.Django {
	t.Helper()
	all := testenv.Djangos(t)
	if full || len(all) < 3 {
		return all
	}
	return []testenv.Django{all[0], all[len(all)-1]}
}
