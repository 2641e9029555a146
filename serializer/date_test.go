package serializer

import (
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/isodate"
)

// Types that embed a time.Time, with and without methods of their own.
type (
	Stamp    struct{ time.Time }
	Labelled struct {
		time.Time
		Label string
	}
	Deeper    struct{ Stamp }
	ByPointer struct{ *time.Time }
	Day       struct{ time.Time }
	OwnUTC    struct{ time.Time }
	ByDay     struct{ Day }
	Shallower struct {
		ByDay
		time.Time
	}
	Ambiguous struct {
		Stamp
		Other2
	}
	Other2    struct{ time.Time }
	Recursive struct {
		*Recursive
		time.Time
	}
	OwnReader struct{ time.Time }
	defined   time.Time
)

// Types whose keys are dates, and one whose are not.
type (
	OwnKey     struct{ time.Time }
	ByOwnKey   struct{ OwnKey }
	OwnKeyRead struct{ time.Time }
)

func (o OwnKey) MarshalText() ([]byte, error)         { return []byte(o.Format("2006-01-02")), nil }
func (o *OwnKey) UnmarshalText(text []byte) error     { return errors.New("its own method") }
func (o *OwnKeyRead) UnmarshalText(text []byte) error { o.Time = noon; return nil }

func (d Day) MarshalJSON() ([]byte, error) { return json.Marshal(d.Format("2006-01-02")) }
func (d *Day) UnmarshalJSON(b []byte) (err error) {
	d.Time, err = time.Parse(`"2006-01-02"`, string(b))
	return err
}
func (o *OwnUTC) MarshalJSON() ([]byte, error)    { return o.UTC().MarshalJSON() }
func (o *OwnReader) UnmarshalJSON(b []byte) error { return nil }

var (
	noon      = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	precise   = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	kolkata   = time.FixedZone("IST", 5*3600+1800)
	amsterdam = time.FixedZone("LMT", 1172)
)

const (
	isoNoon    = `"2026-03-01T12:00:00+00:00"`
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
		{Stamp{precise}, isoPrecise},
		{&Stamp{precise}, isoPrecise},
		{Labelled{precise, "x"}, isoPrecise},
		{Deeper{Stamp{precise}}, isoPrecise},
		{ByPointer{&precise}, isoPrecise},
		{ByPointer{}, `null`},
		{[]any{map[string]Deeper{"x": {Stamp{noon}}}}, `[{"x":` + isoNoon + `}]`},
		{Shallower{Time: precise}, isoPrecise},
		{Recursive{Time: precise}, isoPrecise},
		{Day{precise}, `"2026-03-01"`},
		{ByDay{Day{precise}}, `"2026-03-01"`},
		{OwnUTC{precise}, `"2026-03-01T12:00:00.123456789Z"`},
		{&OwnUTC{precise}, `"2026-03-01T12:00:00.123456789Z"`},
		{OwnReader{precise}, isoPrecise},
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
			var d map[string][]Deeper
			err := decodeText(`{"a":[`+tt.text+`]}`, &d, tt.zone)
			return d["a"][0].Time, err
		})
		fromAny(func() (time.Time, error) {
			var d ByPointer
			err := decodeText(tt.text, &d, tt.zone)
			return *d.Time, err
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
		for _, into := range []any{new(time.Time), new(Stamp), new(Labelled)} {
			var typeError *TypeError
			if err := unmarshal([]byte(text), into); !errors.As(err, &typeError) {
				t.Errorf("%s into %T: %v", text, into, err)
			}
		}
	}
}

// A type of keys is written and read as a date where its values would be, by the method that
// counts for keys.
func TestDatesAreKeys(t *testing.T) {
	const millis = "2026-03-01T12:00:00.123456+00:00"
	micros := noon.Add(123456 * time.Microsecond)
	for _, tt := range []struct {
		v    any
		want string
		read func(text string) (time.Time, error)
	}{
		{map[time.Time]int{precise: 1}, millis, readKey(func(k time.Time) time.Time { return k })},
		{map[*time.Time]int{&precise: 1}, millis, readKey(func(k *time.Time) time.Time { return *k })},
		{map[Stamp]int{{precise}: 1}, millis, readKey(func(k Stamp) time.Time { return k.Time })},
		{map[*Stamp]int{{precise}: 1}, millis, readKey(func(k *Stamp) time.Time { return k.Time })},
		{map[Labelled]int{{precise, "x"}: 1}, millis, readKey(func(k Labelled) time.Time { return k.Time })},
		{map[Deeper]int{{Stamp{precise}}: 1}, millis, readKey(func(k Deeper) time.Time { return k.Time })},
		{map[ByPointer]int{{&precise}: 1}, millis, readKey(func(k ByPointer) time.Time { return *k.Time })},
		{map[*ByPointer]int{{&precise}: 1}, millis, readKey(func(k *ByPointer) time.Time { return *k.Time })},
		{map[Day]int{{precise}: 1}, millis, readKey(func(k Day) time.Time { return k.Time })}, // its methods are not for keys
		{map[OwnKeyRead]int{{precise}: 1}, millis, nil},
		{map[encoding.TextMarshaler]int{precise: 1}, millis, nil},
		{map[encoding.TextMarshaler]int{&precise: 1}, millis, nil},
		{map[encoding.TextMarshaler]int{Deeper{Stamp{precise}}: 1}, millis, nil},
		{map[OwnKey]int{{precise}: 1}, "2026-03-01", nil},
		{map[ByOwnKey]int{{OwnKey{precise}}: 1}, "2026-03-01", nil},
		{map[*ByOwnKey]int{{OwnKey{precise}}: 1}, "2026-03-01", nil},
		{map[ByPointer]int{{}: 1}, "", nil},
		{map[*time.Time]int{nil: 1}, "", nil},
	} {
		text, err := marshal(tt.v)
		if want := `{"` + tt.want + `":1}`; err != nil || string(text) != want {
			t.Errorf("%T is written as %s, %v; want %s", tt.v, text, err, want)
		}
		if tt.read == nil {
			continue
		}
		if got, err := tt.read(tt.want); err != nil || !got.Equal(micros) {
			t.Errorf("%T is read as %v, %v; want %v", tt.v, got, err, micros)
		}
		if got, err := tt.read("2026-03-01 13:00"); err != nil || !got.Equal(noon) {
			t.Errorf("%T without an offset is read as %v, %v; want %v", tt.v, got, err, noon)
		}
		var typeError *TypeError
		if _, err := tt.read("x"); !errors.As(err, &typeError) || !errors.Is(err, isodate.ErrFormat) {
			t.Errorf("%T is no date: %v", tt.v, err)
		}
	}
	var own map[ByOwnKey]int
	if err := unmarshal([]byte(`{"2026-03-01":1}`), &own); err == nil || own[ByOwnKey{}] != 0 {
		t.Errorf("a method of its own was not called: %v", own)
	}
	var read map[OwnKeyRead]int
	if err := unmarshal([]byte(`{"x":1}`), &read); err != nil || read[OwnKeyRead{noon}] != 1 {
		t.Errorf("a method of its own was not called: %v, %v", read, err)
	}
	for _, v := range []any{
		map[time.Time]int{time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC): 1},
		map[Stamp]int{{noon.In(time.FixedZone("", 25*3600))}: 1},
		map[*time.Time]int{&noon: 1, new(noon.Add(1)): 2}, // the same text
	} {
		var valueError *ValueError
		if text, err := marshal(v); !errors.As(err, &valueError) || strings.Contains(err.Error(), "method") {
			t.Errorf("%T is written as %s, %v", v, text, err)
		}
	}
}

// readKey returns a function that reads a map with one key, of an hour in Berlin.
func readKey[K comparable](date func(K) time.Time) func(string) (time.Time, error) {
	return func(text string) (time.Time, error) {
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			return time.Time{}, err
		}
		var m map[K]int
		err = decodeText(`{"`+text+`":1}`, &m, berlin)
		for key := range m {
			return date(key), err
		}
		return time.Time{}, err
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
