package compat

import (
	"os"
	"slices"

	"github.com/djsession/djsession/internal/testenv"
)

// full runs every check with every Django on every database, as `make matrix` does.
// Otherwise every Django meets every database, every check meets every Django and
// every database, and what is random is tried less often: `make test`.
var full = os.Getenv("DJSESSION_MATRIX") == "full"

// times is how often something random is tried.
func times(inFull, otherwise int) int {
	if full {
		return inFull
	}
	return otherwise
}

// Which databases a check that is costly runs on, unless everything runs: the newest
// Django on all, each of the others on one.
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

// inScope reports whether a check that is costly runs in a cell.
func (c *cell) inScope(on map[string][]testenv.Vendor) bool {
	return full || c.newest || slices.Contains(on[c.django.Name], c.database.Vendor)
}
