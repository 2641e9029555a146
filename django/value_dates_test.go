package django_test

import (
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

// TestDatesInSessions: dates are stored as isoformat writes them, and Python's without
// an offset are in TIME_ZONE under USE_TZ = False.
func TestDatesInSessions(t *testing.T) {
	open := func(useTZ *bool, zone string) *site {
		return newSite(t, func(s *django.Settings) { s.UseTZ, s.TimeZone = useTZ, zone })
	}
	noon := time.Date(2026, 7, 1, 12, 0, 0, 123456789, time.UTC)
	type visit struct {
		At    time.Time
		Until *time.Time `json:",omitempty"`
	}
	for name, tt := range map[string]struct {
		st   *site
		want time.Time // of 12:00 without an offset
	}{
		"USE_TZ":    {open(new(true), "Europe/Berlin"), noon.Truncate(time.Hour)},
		"no USE_TZ": {open(new(false), "Europe/Berlin"), noon.Truncate(time.Hour).Add(-2 * time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			tt.st.put(validKey, `{"naive":"2026-07-01T12:00:00","blank":"2026-07-01 12:00:00.000000","aware":"2026-07-01T12:00:00+00:00",`+
				`"visits":[{"At":"2026-07-01T12:00:00","Until":"2026-07-01T12:00:00"}]}`)
			s := tt.st.load(validKey)
			for _, key := range []string{"naive", "blank"} {
				got, err := django.Value(s, key, time.Time{})
				must(t, err)
				check(t, key, got.UTC(), tt.want)
			}
			aware, found, err := django.Lookup[*time.Time](s, "aware")
			must(t, err)
			check(t, "aware", found && aware.Equal(noon.Truncate(time.Hour)), true)
			visits, err := django.Pop(s, "visits", []visit(nil))
			must(t, err)
			check(t, "within a struct", visits[0].At.Equal(tt.want) && visits[0].Until.Equal(tt.want), true)
			if _, err := django.SetDefault(s, "blank", time.Time{}); err != nil {
				t.Error(err)
			}

			must(t, s.Set("set", noon))
			must(t, s.Set("visit", visit{At: noon.In(time.FixedZone("", 7200))}))
			s.Delete("naive")
			s.Delete("blank")
			s.Delete("aware")
			must(t, s.Save(t.Context()))
			check(t, "what is stored", tt.st.data(validKey),
				`{"set":"2026-07-01T12:00:00.123456+00:00","visit":{"At":"2026-07-01T14:00:00.123456+02:00"}}`)
		})
	}
}
