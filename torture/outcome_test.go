package torture

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// A row is a row of the tables in docs/guarantees.md.
type row int

// The rows in their order.
const (
	goPerSecond row = iota
	djangoPerSecond
	latency
	goRejected
	goLostToGo
	djangoLostToGo
	missingShared
	goOverwritten
	djangoOverwritten
	lockedOverwritten
	engineLost
	engineCost
	manyCounters
	engineCounter
	killedMissing
	killedAnonymous
	killedRecovery
	restarted
	paused
	dropped
	delayed
	reset
	halfClosed
	promoted
	skewed
	commands
	compared
	goExposed
	outdated
	cacheKilled
	slowest
	failedOver
	failedOverUnsafely
	frozen
	forgotten
	vitessLost
	vitessFailed
	vitessPause
)

var killedTimes = fmt.Sprintf("killed %d times: ", current.kills)

var rowNames = [...]string{
	goPerSecond:        "Go's writes a second",
	djangoPerSecond:    "Django's writes a second",
	latency:            "Go's write takes, median / 99 %",
	goRejected:         "Go's writes rejected because the server was too busy",
	goLostToGo:         "Go's writes lost to Go",
	djangoLostToGo:     "Django's writes lost to Go",
	missingShared:      "acknowledged writes not stored",
	goOverwritten:      "Go's values overwritten by Django",
	djangoOverwritten:  "Django's values overwritten by Django",
	lockedOverwritten:  "overwritten by Django with `locked_session`",
	engineLost:         "lost by either side with our engine for Django",
	engineCost:         "a Django request that changes its session, with our engine and with Django's",
	engineCounter:      "increments by both sides, with `Update` and `update_atomically`",
	manyCounters:       fmt.Sprintf("%s increments by %d goroutines in %d processes", thousands(current.increments), current.goroutines, current.processes),
	killedMissing:      killedTimes + "acknowledged writes not stored",
	killedAnonymous:    killedTimes + "visitors counted as anonymous",
	killedRecovery:     killedTimes + "each Go process answered after the server within",
	restarted:          "restarted",
	paused:             fmt.Sprint("paused for ", current.fault),
	dropped:            "packets dropped",
	delayed:            "packets delayed",
	reset:              "connections reset",
	halfClosed:         "connections half closed, either side",
	promoted:           "killed, and its synchronous standby promoted",
	compared:           "numbers compared with what had been acknowledged before",
	goExposed:          "the same, in sessions in which a Django worker writes without pause",
	outdated:           "copies in Django's cache that are outdated in the end",
	cacheKilled:        killedTimes + "the cache only",
	slowest:            fmt.Sprintf("paused, with a timeout of %v: the slowest answer took", current.patience),
	failedOver:         "killed, and its replica promoted, `WithWait(1)`",
	failedOverUnsafely: "the same without `WithWait`",
	frozen:             fmt.Sprintf("frozen until its replica is promoted, `WithWait(1)`, with a timeout of %v", frozenPatience),
	forgotten:          "killed, and empty afterwards",
	vitessLost:         "acknowledged writes lost",
	vitessFailed:       "writes that failed",
	vitessPause:        "longest pause of a writer",
	skewed:             "Go's clocks 5 minutes ahead and behind",
	commands:           fmt.Sprintf("%d `djsession set` at once on one session", current.commands),
}

// cell is one figure of the table.
type cell struct {
	Row    int    `json:"row"` // its place in the table
	Name   string `json:"name"`
	Column string `json:"column"`
	Text   string `json:"text"`
}

// report is what a run writes for the table.
type report struct {
	mu       sync.Mutex
	file     string            // in .cache
	rows     []row             // in their order
	Django   string            `json:"django"`
	Versions map[string]string `json:"versions"` // of the databases, by column
	Cells    []cell            `json:"cells"`
}

// The reports of a run. Each has a table.
var (
	databases = report{file: "torture.json", Versions: map[string]string{}, rows: []row{
		goPerSecond, djangoPerSecond, latency, goRejected, goLostToGo, djangoLostToGo, missingShared,
		goOverwritten, djangoOverwritten, lockedOverwritten, engineLost, engineCost,
		manyCounters, engineCounter, killedMissing, killedAnonymous,
		killedRecovery, restarted, paused, dropped, delayed, reset, halfClosed, promoted, skewed, commands,
	}}
	caches = report{file: "torture-caches.json", Versions: map[string]string{}, rows: []row{
		goPerSecond, djangoPerSecond, latency, goRejected, goLostToGo, djangoLostToGo, missingShared, goOverwritten,
		goExposed, djangoOverwritten, lockedOverwritten, engineLost, engineCost,
		outdated, compared, manyCounters, engineCounter, killedMissing, killedAnonymous, killedRecovery, restarted, paused, slowest, dropped,
		delayed, reset, halfClosed, failedOver, failedOverUnsafely, frozen, forgotten, cacheKilled,
	}}
	vitess = report{file: "torture-vitess.json", rows: []row{vitessLost, vitessFailed, vitessPause}}
)

// add adds a figure.
func (a *arena) add(t *testing.T, row row, text string) {
	t.Helper()
	a.report.add(t, a.column, row, text)
}

func (r *report) add(t *testing.T, column string, row row, text string) {
	t.Helper()
	t.Logf("%s, %s: %s", column, rowNames[row], text)
	place := slices.Index(r.rows, row)
	if place < 0 {
		t.Errorf("the report has no row %q", rowNames[row])
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Cells = append(r.Cells, cell{place, rowNames[row], column, text})
}

var versionQueries = map[testenv.Vendor]string{
	testenv.SQLiteVendor:     "SELECT sqlite_version()",
	testenv.PostgreSQLVendor: "SHOW server_version",
	testenv.MySQLVendor:      "SELECT VERSION()",
}

// version records the versions of the database and of Django.
func (a *arena) version(t *testing.T) {
	t.Helper()
	var version string
	if err := a.db.QueryRowContext(t.Context(), versionQueries[a.database.Vendor]).Scan(&version); err != nil {
		t.Fatal(err)
	}
	version, _, _ = strings.Cut(version, " ")
	version, _, _ = strings.Cut(version, "-")
	a.versionIs(version)
}

func (a *arena) versionIs(version string) {
	r := a.report
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Django, r.Versions[a.column] = a.newest.Version, version
}

// write stores the outcome of a long run for the table, if the run has figures for every row.
func (r *report) write() error {
	reached := map[int]bool{}
	for _, c := range r.Cells {
		reached[c.Row] = true
	}
	if !full() || len(reached) != len(r.rows) {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	cache := filepath.Join("..", ".cache")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(cache, r.file), append(text, '\n'), 0o644)
}
