package django_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/djsession/djsession/django"
)

// isoCase is what datetime.fromisoformat of Python 3.13 makes of a text, a naive
// one taken for UTC.
type isoCase struct {
	Text   string
	Aware  bool
	Micros int64
	Error  bool
}

// isoRefused are forms that Python takes since 3.11 only and that no
// datetime.isoformat writes: basic, week and short ones.
var isoRefused = []string{
	"20260305", "20260305T100000", "2026-W10-4", "2026-W10", "2026-03-05T100000",
	"2026-03-05T10:00:00+0530",
	"2026-03-05T10:00:00 Z", // Python strips nothing else
	"2026-03-05T10:00:00+00:60",
}

func TestISODatesArePythons(t *testing.T) {
	open := func(useTZ bool) *django.Session {
		settings := testSettings()
		settings.UseTZ, settings.TimeZone = &useTZ, "UTC"
		ss, err := django.New(settings, noStore)
		must(t, err)
		return ss.NewSession()
	}
	sessions := map[bool]*django.Session{false: open(false), true: open(true)}
	for _, c := range golden[isoCase](t, "iso.json") {
		t.Run(strconv.Quote(c.Text), func(t *testing.T) {
			if c.Error || slices.Contains(isoRefused, c.Text) {
				for _, s := range sessions {
					must(t, s.Set("_session_expiry", c.Text))
					if date, err := s.ExpiryDate(); err == nil {
						t.Errorf("read as %v", date)
					}
				}
				return
			}
			s := sessions[c.Aware]
			must(t, s.Set("_session_expiry", c.Text))
			date, err := s.ExpiryDate()
			must(t, err)
			check(t, "the moment", date.UnixMicro(), c.Micros)
			if other := sessions[!c.Aware]; other != nil {
				must(t, other.Set("_session_expiry", c.Text))
				if _, err := other.ExpiryDate(); err == nil {
					t.Error("USE_TZ made no difference")
				}
			}
		})
	}
}
