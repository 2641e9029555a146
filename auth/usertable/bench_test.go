package usertable_test

import (
	"testing"

	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/internal/testenv"
)

func BenchmarkByID(b *testing.B) {
	for _, c := range []struct {
		name, id string
		d        *testenv.Database
		opts     []usertable.Option
	}{
		{"Integer", "1", withUsers(b, testenv.SQLiteVendor), nil},
		{"UUID", uuidAnn, withUUIDs(b, testenv.SQLiteVendor, "char(32)"), memberOptions},
	} {
		b.Run(c.name, func(b *testing.B) {
			users := open(b, connect(b, c.d), c.opts...)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := users.ByID(b.Context(), c.id); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadID(b *testing.B) {
	all := readers(b)
	for name, c := range map[string]struct {
		users *usertable.Table
		json  string
	}{"Integer": {all[0], `"123456"`}, "UUID": {all[1], `"` + uuidAnn + `"`}} {
		b.Run(name, func(b *testing.B) {
			v := inSession(b, c.json)
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := c.users.ReadID(v); !ok {
					b.Fatal("not read")
				}
			}
		})
	}
}
