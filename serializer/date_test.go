package serializer

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/isodate"
)

// Types that embed a time.Time have its methods, or their own.
type (
	Stamp     struct{ time.Time }
	Day       struct{ time.Time }
	ByDay     struct{ Day }
	OwnReader struct{ time.Time }
	OwnKey    struct{ time.Time }
	Ambiguous struct {
		Stamp
		Other2
	}
	Other2  struct{ time.Time }
	defined time.Time
)

func (o OwnKey) MarshalText() ([]byte, error)     { return []byte(o.Format("2006-01-02")), nil }
func (o *OwnKey) UnmarshalText(text []byte) error { o.Time = noon; return nil }

func (d Day) MarshalJSON() ([]byte, error) { return json.Marshal(d.Format("2006-01-02")) }
func (d *Day) UnmarshalJSON(b []byte) (err error) {
	d.Time, err = time.Parse(`"2006-01-02"`, string(b))
	return err
}
func (o *OwnReader) UnmarshalJSON(b []byte) error { return nil }

var (
	noon      = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	precise   = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	kolkata   = time.FixedZone("IST", 5*3600+1800)
	amsterdam = time.FixedZone("LMT", 1172)
)

const (
	isoNoon    = `"2026-03-01T12:00:00+00:00"`
	rfcPrecise = `"2026-03-01T12:00:00.123456789Z"`
	isoPrecise = `"2026-03-01T12:00:00.123456+00:00"`
)

func TestDatesAreWrittenAsPythonDoes(t *testing.T) {
	for _, tt := range []struct {
		v    any
		want string
	}{
		{noon, isoNoon},
		{precise, isoPrecise},
		{&precise, isoPrecise},
		{new(&precise), isoPrecise},
		{(*time.Time)(nil), `null`},
		{noon.Add(time.Nanosecond), isoNoon},
		{noon.Add(time.Microsecond), `"2026-03-01T12:00:00.000001+00:00"`},
		{noon.In(kolkata), `"2026-03-01T17:30:00+05:30"`},
		{noon.In(time.FixedZone("", -3600)), `"2026-03-01T11:00:00-01:00"`},
		{noon.In(amsterdam), `"2026-03-01T12:19:32+00:19:32"`},
		{time.Time{}, `"0001-01-01T00:00:00+00:00"`},
		{time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), `"9999-12-31T23:59:59.999999+00:00"`},
		{struct{ A any }{precise}, `{"A":` + isoPrecise + `}`},
		{struct {
			A time.Time `json:"a,omitzero"`
			B time.Time `json:"b,omitempty"`
			C *time.Time
		}{B: noon, C: &noon}, `{"b":` + isoNoon + `,"C":` + isoNoon + `}`},
		{map[string]time.Time{"a": noon}, `{"a":` + isoNoon + `}`},
		{map[string]any{"a": []any{precise}}, `{"a":[` + isoPrecise + `]}`},
		{map[time.Time]int{precise: 1}, `{` + isoPrecise + `:1}`},
		{[]time.Time{noon, precise}, `[` + isoNoon + `,` + isoPrecise + `]`},
		{[2]*time.Time{&noon, nil}, `[` + isoNoon + `,null]`},
		{[]json.Marshaler{noon, &precise}, `[` + isoNoon + `,` + isoPrecise + `]`},
		{Stamp{precise}, rfcPrecise},
		{&Stamp{precise}, rfcPrecise},
		{Day{precise}, `"2026-03-01"`},
		{ByDay{Day{precise}}, `"2026-03-01"`},
		{OwnReader{precise}, rfcPrecise},
		{Ambiguous{Stamp{noon}, Other2{precise}}, `{}`}, // no method, and of fields with one name none counts
		{defined(noon), `{}`},                           // no method, and no field is exported
	} {
		text, err := marshal(tt.v)
		if err != nil || string(text) != tt.want {
			t.Errorf("%T is written as %s, %v; want %s", tt.v, text, err, tt.want)
		}
	}
	for _, year := range []int{-1, 0, 10000} {
		var valueError *ValueError
		_, err := marshal(map[string]any{"a": time.Date(year, 1, 2, 0, 0, 0, 0, time.UTC)})
		if !errors.As(err, &valueError) || !errors.Is(err, isodate.ErrRange) {
			t.Errorf("the year %d: %v", year, err)
		}
	}
}

func TestDatesOfPythonAreRead(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	utc := func(t time.Time) time.Time { return t.UTC() }
	for _, tt := range []struct {
		text string
		zone *time.Location
		want time.Time // nil of an error
	}{
		{isoNoon, berlin, noon},
		{isoPrecise, nil, noon.Add(123456 * time.Microsecond)},
		{`"2026-03-01T12:00:00Z"`, berlin, noon},
		{`"2026-03-01T12:00:00.123456789Z"`, berlin, precise}, // as encoding/json writes it
		{`"2026-03-01T12:00:00.123Z"`, nil, noon.Add(123 * time.Millisecond)},
		{`"2026-03-01T17:30:00+05:30"`, nil, noon},
		{`"2026-03-01T12:19:32+00:19:32"`, nil, noon},
		{`"2026-03-01T12:00:00"`, nil, noon},
		{`"2026-03-01 12:00:00"`, nil, noon},
		{`"2026-03-01 12:00:00+00:00"`, nil, noon},
		{`"2026-03-01T12:00:00.123456"`, nil, noon.Add(123456 * time.Microsecond)},
		{`"2026-03-01T12:00"`, nil, noon},
		{`"2026-03-01T12"`, nil, noon},
		{`"2026-03-01"`, nil, noon.Add(-12 * time.Hour)},
		{`"2026-03-01T13:00:00"`, berlin, noon},
		{`"2026-03-01 13:00:00"`, berlin, noon},
		{`"2026-03-01"`, berlin, noon.Add(-13 * time.Hour)},
		{`"2026\u002d03\u002d01"`, nil, noon.Add(-12 * time.Hour)},
		{`"2026-10-25T02:30:00"`, berlin, time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)}, // shown twice: the first
		{`"2026-03-29T02:30:00"`, berlin, time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)},  // skipped
	} {
		fromAny := func(read func() (time.Time, error)) {
			t.Helper()
			got, err := read()
			if err != nil || !got.Equal(tt.want) {
				t.Errorf("%s in %v is read as %v, %v; want %v", tt.text, tt.zone, utc(got), err, tt.want)
			}
		}
		fromAny(func() (d time.Time, err error) { err = decodeText(tt.text, &d, tt.zone); return d, err })
		fromAny(func() (time.Time, error) {
			var d struct{ A *time.Time }
			err := decodeText(`{"a":`+tt.text+`}`, &d, tt.zone)
			return *d.A, err
		})
		fromAny(func() (time.Time, error) {
			var d struct{ A map[string][]time.Time }
			err := decodeText(`{"a":{"b":[`+tt.text+`]}}`, &d, tt.zone)
			return d.A["b"][0], err
		})
		fromAny(func() (time.Time, error) {
			var d map[time.Time]int
			err := decodeText(`{`+tt.text+`:1}`, &d, tt.zone)
			for key := range d {
				return key, err
			}
			return time.Time{}, err
		})
	}
	for _, text := range []string{
		`""`, `"x"`, `"2026"`, `"2026-03"`, `"2026-3-1"`, `"2026-02-29"`, `"2026-03-01T"`, `"2026-03-01T24:00:00"`,
		`"2026-03-01   12:00:00"`, `"2026-03-01T12:00:00z"`, `"2026-03-01T12:00:00 +00:00"`, `"2026-03-01T12:00:60"`,
		`"2026-03-01T12:00:00+24:00"`, `"2026-03-01T12:00:00."`, `"0000-01-01"`, `" 2026-03-01"`, `"2026-03-01 "`, `"12:00:00"`,
		`1`, `1.5`, `true`, `[]`, `{}`,
	} {
		for _, into := range []any{new(time.Time), new(*time.Time)} {
			var typeError *TypeError
			if err := unmarshal([]byte(text), into); !errors.As(err, &typeError) {
				t.Errorf("%s into %T: %v", text, into, err)
			}
		}
	}
}

func TestDatesAreKeys(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	text, err := marshal(map[time.Time]int{precise: 1})
	if want := `{"2026-03-01T12:00:00.123456+00:00":1}`; err != nil || string(text) != want {
		t.Errorf("written as %s, %v; want %s", text, err, want)
	}
	for text, want := range map[string]time.Time{
		"2026-03-01T12:00:00.123456+00:00": noon.Add(123456 * time.Microsecond),
		"2026-03-01 13:00":                 noon,
	} {
		var m map[time.Time]int
		err := decodeText(`{"`+text+`":1}`, &m, berlin)
		for key := range m {
			if !key.Equal(want) {
				t.Errorf("%s is read as %v", text, key)
			}
		}
		if err != nil || len(m) != 1 {
			t.Errorf("%s is read as %v, %v", text, m, err)
		}
	}
	var m map[time.Time]int
	if err := unmarshal([]byte(`{"x":1}`), &m); !errors.As(err, new(*TypeError)) || !errors.Is(err, isodate.ErrFormat) {
		t.Errorf("no date: %v", err)
	}
	own := map[OwnKey]int{{noon}: 1}
	text, err = marshal(own)
	if err != nil || string(text) != `{"2026-03-01":1}` {
		t.Errorf("a method of its own was not called: %s, %v", text, err)
	}
	var back map[OwnKey]int
	if err := unmarshal(text, &back); err != nil || back[OwnKey{noon}] != 1 {
		t.Errorf("a method of its own was not called: %v, %v", back, err)
	}
	for _, v := range []any{
		map[time.Time]int{time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC): 1},
		map[time.Time]int{noon.In(time.FixedZone("", 25*3600)): 1},
		map[time.Time]int{noon: 1, noon.Add(1): 2}, // the same text
	} {
		if text, err := marshal(v); !errors.As(err, new(*ValueError)) || strings.Contains(err.Error(), "method") {
			t.Errorf("%T is written as %s, %v", v, text, err)
		}
	}
}

// What was there stays at null, and types with methods of their own read as they say.
func TestDatesThatAreNotRead(t *testing.T) {
	kept := struct {
		A time.Time
		B Stamp
		C *time.Time
	}{noon, Stamp{noon}, &noon}
	if err := unmarshal([]byte(`{"A":null,"B":null,"C":null}`), &kept); err != nil || !kept.A.Equal(noon) || !kept.B.Equal(noon) || kept.C != nil {
		t.Errorf("null: %+v, %v", kept, err)
	}
	var day ByDay
	if err := unmarshal([]byte(`"2026-03-01"`), &day); err != nil || !day.Equal(noon.Truncate(24*time.Hour)) {
		t.Errorf("a method of its own: %v, %v", day, err)
	}
	if err := unmarshal([]byte(isoNoon), &day); err == nil {
		t.Errorf("a method of its own was not called: %v", day)
	}
	own := OwnReader{noon}
	if err := unmarshal([]byte(`17`), &own); err != nil || !own.Equal(noon) {
		t.Errorf("a method of its own was not called: %v, %v", own, err)
	}
	var any any
	if err := unmarshal([]byte(isoNoon), &any); err != nil || any != isoNoon[1:len(isoNoon)-1] {
		t.Errorf("into an any: %v, %v", any, err)
	}
}

// A date keeps its offset, and one in UTC is time.UTC's whatever the machine's zone is.
func TestDatesKeepTheirOffset(t *testing.T) {
	for _, want := range []time.Time{noon, noon.In(kolkata), noon.In(amsterdam), noon.In(time.FixedZone("", -8*3600))} {
		text, err := marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got time.Time
		if err := unmarshal(text, &got); err != nil || !got.Equal(want) || got.Format(time.RFC1123Z) != want.Format(time.RFC1123Z) {
			t.Errorf("%s is read as %v, %v", text, got, err)
		}
		if want == noon && !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %#v", text, got)
		}
	}
}
