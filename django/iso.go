package django

import (
	"time"

	"github.com/djsession/djsession/internal/isodate"
)

// isoFormat writes t as Python's datetime.isoformat does, without an offset.
func isoFormat(t time.Time) string { return string(isodate.AppendNaive(nil, t)) }

// parseISO is [isodate.Parse], in UTC.
func parseISO(s string) (t time.Time, aware bool, err error) {
	t, aware, err = isodate.Parse(s)
	return t.UTC(), aware, err
}
