package sqldb

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzClock reads a text as the time in a column. What is read is written as the
// same time, and read again; and any instant comes back.
func FuzzClock(f *testing.F) {
	for _, text := range []string{"2026-03-01 12:00:00", "2026-03-01 12:00:00.250000", "2026-11-01 01:30:00", "2026-03-08 02:30:00.1", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "2026-03-01T12:00:00Z", "2026-03-01 12:00:00+00:00", "2026-02-30 00:00:00", "", "0000-00-00 00:00:00"} {
		f.Add(text, int64(1772366400), uint32(250000))
	}
	var clocks []Clock
	for _, zone := range []string{"UTC", "America/Chicago", "Asia/Kathmandu", "Pacific/Apia"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			f.Fatal(err)
		}
		clocks = append(clocks, Clock{naive: loc})
	}
	form := regexp.MustCompile(`\A\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\z`)
	f.Fuzz(func(t *testing.T, text string, seconds int64, micros uint32) {
		for _, c := range clocks {
			at, err := c.Parse("expire_date", text)
			if same, again := c.Parse("expire_date", []byte(text)); !same.Equal(at) || (again == nil) != (err == nil) {
				t.Fatalf("%q is %v, %v as a text and %v, %v as bytes", text, at, err, same, again)
			}
			if err != nil {
				if len(text) > 4 && strings.Contains(err.Error(), text) {
					t.Fatalf("%q is in the error: %v", text, err)
				}
				continue
			}
			if !form.MatchString(text) || at.Location() != time.UTC {
				t.Fatalf("%q is read as %v", text, at)
			}
			written, _ := c.Param(at).(string)
			if again, err := c.Parse("expire_date", written); err != nil || !again.Equal(at.Truncate(time.Microsecond)) {
				t.Fatalf("%q is %v, which is written as %q and read as %v, %v", text, at, written, again, err)
			}
		}
		const year1, year9999 = -62135596800, 253402300799
		instant := time.Unix(year1+int64(uint64(seconds)%uint64(year9999-year1)), int64(micros%1e6)*1000).UTC()
		for _, c := range []Clock{clocks[0], {}} {
			if again, err := c.Parse("expire_date", c.Param(instant)); err != nil || !again.Equal(instant) {
				t.Fatalf("%v comes back as %v, %v", instant, again, err)
			}
		}
	})
}

// driverError is an error as drivers make them, with a code or a state of its own.
type driverError struct {
	text  string
	state string
	code  int
}

func (e driverError) Error() string { return e.text }

type stateError struct{ driverError }

func (e stateError) SQLState() string { return e.state }

type codeError struct{ driverError }

func (e codeError) Code() int { return e.code }

// FuzzKind tells the kinds of errors of any text, state and code. None but those of
// a known form may be taken for one that allows the statement to be sent again or
// the key to be another's; wrapping an error that has a state or a code changes
// nothing.
func FuzzKind(f *testing.F) {
	for _, text := range []string{
		"", "database is locked", "database table is locked: a", "UNIQUE constraint failed: django_session.session_key", "UNIQUE constraint failed: t.other",
		"no such table: t", "no such column: c", "table t has no column named c", "Error 1213 (40001): Deadlock found", "Error 1062 (23000): Duplicate entry 'x' for key 'PRIMARY'",
		"Error 1062 (23000): Duplicate entry 'x' for key 'other'", "Error 1146", "Error -1", "Error 99999999999999999999", "Error", "invalid connection",
	} {
		f.Add(text, "40001", 5)
	}
	db := &Database{}
	transient := regexp.MustCompile(`\A(40001|40P01|55P03|53300|57P03|26000|42P05|CR000)\z`)
	number := regexp.MustCompile(`\A\s*Error`)
	f.Fuzz(func(t *testing.T, text, state string, code int) {
		e := driverError{text, state, code}
		switch kind := db.kind(e); {
		case kind < KindOther || kind > KindOutcomeUnknown:
			t.Fatalf("%q is of kind %d", text, kind)
		case kind == KindOutcomeUnknown:
			t.Fatalf("the outcome of %q is unknown, of a statement that was not sent", text)
		case kind == KindTransient && !number.MatchString(text) && !strings.Contains(text, "is locked"):
			t.Fatalf("%q may be sent again", text)
		case kind == KindDuplicate && !number.MatchString(text) && !strings.Contains(text, "UNIQUE constraint failed"):
			t.Fatalf("%q is a duplicate", text)
		case kind == KindUndefined && !number.MatchString(text) && !strings.Contains(text, "no such") && !strings.Contains(text, "no column"):
			t.Fatalf("%q is of something undefined", text)
		}

		of := db.kind(stateError{e})
		if state == "0A000" {
			return // its text decides
		}
		if (of == KindTransient) != transient.MatchString(state) || (of == KindDuplicate) != (state == "23505") {
			t.Fatalf("state %q is of kind %d, whatever the text", state, of)
		}
		busy := slices.Contains([]int{5, 6, 15, 17}, code&0xff)
		if kind := db.kind(codeError{e}); busy && !number.MatchString(text) && kind != KindTransient {
			t.Fatalf("code %d of %q is of kind %d", code, text, kind)
		}
		if wrapped := db.kind(fmt.Errorf("saving: %w", stateError{e})); wrapped != of {
			t.Fatalf("state %q is of kind %d, wrapped %d", state, of, wrapped)
		}

		const secret = "of-the-session-and-nobody-else"
		for _, err := range []error{driverError{text: "x" + text + secret}, fmt.Errorf("saving: %w", driverError{text: "x" + text + secret})} {
			if known := db.kind(err) == KindTransient || db.kind(err) == KindUndefined; !known && strings.Contains(db.newError(err, true, false, nil).Error(), secret) {
				t.Fatalf("%q is shown", text+secret)
			}
		}
	})
}
