package compat

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// datesScript reads Go's dates and writes dates for Go.
const datesScript = `
import datetime, json, sys
epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
def micros(d):
    if d.tzinfo is None:
        d = d.replace(tzinfo=datetime.timezone.utc)
    return (d - epoch) // datetime.timedelta(microseconds=1)
read = []
for text in json.load(sys.stdin):
    d = datetime.datetime.fromisoformat(text)
    read.append([d.isoformat() == text, d.utcoffset() is not None, micros(d)])
written = []
offsets = [None, 0, 330, -480, 845]
for i in range(500):
    offset = offsets[i % len(offsets)]
    tz = None if offset is None else datetime.timezone(datetime.timedelta(minutes=offset))
    d = datetime.datetime(1 + i * 19 % 9998, 1 + i % 12, 1 + i % 28, i % 24, i % 60, i * 7 % 60,
                          [0, 1, 500000, 999999, 123456][i // 5 % 5], tz)
    for text in d.isoformat(), str(d), d.isoformat(" "), d.isoformat(timespec="microseconds"):
        written.append([text, micros(d)])
    written.append([d.isoformat(timespec="milliseconds"), micros(d.replace(microsecond=d.microsecond // 1000 * 1000))])
    written.append([d.isoformat(timespec="minutes"), micros(d.replace(second=0, microsecond=0))])
    written.append([d.date().isoformat(), micros(datetime.datetime(d.year, d.month, d.day))])
json.dump({"read": read, "written": written}, sys.stdout)
`

// TestDates: every Python reads what Go writes for a time.Time and writes the same, and Go
// reads what Python writes for a datetime.
func TestDates(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var dates []time.Time
	var texts []json.RawMessage
	for i := range 1000 {
		offset := []int{0, 0, 5*3600 + 1800, -8 * 3600, 1172}[i%5] // the last has seconds
		date := time.Unix(r.Int64N(1<<37)-1<<35, []int64{0, 1, 999, 1000, 123456789, 999999999}[i%6]).In(time.FixedZone("", offset))
		v, err := serializer.Encode(date)
		if err != nil {
			t.Fatal(err)
		}
		dates, texts = append(dates, date), append(texts, v.Bytes())
	}
	input, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range testenv.Djangos(t) {
		t.Run(version.Name+" on Python "+version.PythonVersion, func(t *testing.T) {
			if version.Missing != "" {
				t.Skip(version.Missing)
			}
			var stderr bytes.Buffer
			python := exec.CommandContext(t.Context(), version.Python, "-I", "-c", datesScript)
			python.Stdin, python.Stderr = bytes.NewReader(input), &stderr
			output, err := python.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, &stderr)
			}
			var answer struct {
				Read    [][3]any
				Written [][2]any
			}
			d, err := serializer.JSON.Loads(output)
			if err != nil {
				t.Fatal(err)
			}
			for key, into := range map[string]any{"read": &answer.Read, "written": &answer.Written} {
				v, _ := d.Get(key)
				if err := v.Decode(into); err != nil {
					t.Fatal(err)
				}
			}
			if len(answer.Read) != len(dates) || len(answer.Written) != 3500 {
				t.Fatalf("Python read %d dates and wrote %d", len(answer.Read), len(answer.Written))
			}
			for i, read := range answer.Read {
				if want := [3]any{true, true, dates[i].Truncate(time.Microsecond).UnixMicro()}; read != want {
					t.Errorf("Go wrote %s, and Python read %v, want %v", texts[i], read, want)
				}
			}
			for _, written := range answer.Written {
				v, err := serializer.Encode(written[0])
				if err != nil {
					t.Fatal(err)
				}
				var date time.Time
				if err := v.Decode(&date); err != nil || date.UnixMicro() != written[1] {
					t.Errorf("Python wrote %s, and Go read %v, %v; want %v", written[0], date, err, written[1])
				}
			}
		})
	}
}
