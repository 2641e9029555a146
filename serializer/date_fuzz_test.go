package serializer

import (
	"regexp"
	"testing"
	"time"
)

// rfc3339 matches what is in RFC 3339: encoding/json takes more.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

func FuzzDate(f *testing.F) {
	for _, text := range []string{"2026-03-01T12:00:00.123456+05:30", "2026-03-01", "2026-03-01 12:00", "x", "2026-03-01T12:00:00.123456789Z"} {
		f.Add(text, int64(1700000000), int64(123456789), 3600)
	}
	f.Fuzz(func(t *testing.T, text string, seconds, nanos int64, offset int) {
		quoted, err := marshal(text)
		if err != nil {
			return
		}
		var read, std time.Time
		err = unmarshal(quoted, &read)
		if stdErr := std.UnmarshalJSON(quoted); stdErr == nil && std.Year() > 0 && rfc3339.MatchString(text) && (err != nil || !read.Equal(std)) {
			t.Errorf("%s is read as %v, %v; encoding/json reads %v", quoted, read, err, std)
		}
		if err == nil && (read.UTC().Year() < 0 || read.UTC().Year() > 10000) {
			t.Errorf("%s is read as %v", quoted, read)
		}

		const day = 24 * 3600
		want := time.Unix(seconds%(1<<37), nanos%1e9).In(time.FixedZone("", offset%day))
		written, err := marshal(want)
		if (err != nil) != (want.Year() < 1 || want.Year() > 9999) {
			t.Fatalf("%v is written as %s, %v", want, written, err)
		}
		if err != nil {
			return
		}
		if err := unmarshal(written, &read); err != nil || !read.Equal(want.Truncate(time.Microsecond)) {
			t.Errorf("%v is written as %s, and read as %v, %v", want, written, read, err)
		}
	})
}
