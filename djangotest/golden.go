package djangotest

import (
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
)

// GoldenSession is a session as a real Django wrote it: a decoder is right if it makes JSON
// of Data.
type GoldenSession struct {
	Name     string          // unique in its version, such as "cart"
	Settings django.Settings // of the Django that wrote it, with its secret key
	Key      string          // session_key
	Data     string          // session_data
	JSON     string          // what Data holds, as Django's JSONSerializer writes it
}

// Golden returns sessions that the given series of Django wrote: "2.2", "3.2", "4.2", "5.2",
// "6.0" or "6.1". They hold every type of JSON, logins, expiry dates and large data. The test
// fails for any other series. Package fixtures has more, such as forged sessions, pickles and
// passwords.
func Golden(t testing.TB, series string) []GoldenSession {
	t.Helper()
	all, err := fixtures.Sessions(series)
	if err != nil {
		t.Fatalf("djangotest: there are sessions of Django %q, not of %q: %v", fixtures.Versions(), series, err)
	}
	var golden []GoldenSession
	for _, s := range all {
		if s.About == "" && s.Verdict == fixtures.OK {
			golden = append(golden, GoldenSession{s.Name, goldenSettings(series, s.Settings), s.SessionKey, s.SessionData, s.JSON})
		}
	}
	return golden
}

func goldenSettings(series string, f fixtures.Settings) django.Settings {
	s := django.DefaultSettings()
	s.DjangoVersion = series
	s.SecretKey, s.SecretKeyFallbacks = f.SecretKey, f.SecretKeyFallbacks
	if f.DefaultHashingAlgorithm == "sha1" {
		s.SessionFormat = django.FormatPre31
	}
	s.UseTZ, s.TimeZone = new(f.UseTZ), f.TimeZone
	s.SessionCookieAge = int64(f.SessionCookieAge)
	s.SessionExpireAtBrowserClose = f.SessionExpireAtBrowserClose
	return s
}
