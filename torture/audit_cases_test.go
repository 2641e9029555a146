package torture

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestAuditFinds: the audit finds each kind of loss, and reports none where there is none.
func TestAuditFinds(t *testing.T) {
	base := state{by: `"g0"`, "g0": "5", "g1": "7", "d0": "3", "d1": "9", "e0": "4", "_auth_user_id": `"1"`}
	with := func(changes ...string) state {
		next := state{}
		for k, v := range base {
			next[k] = v
		}
		for i := 0; i < len(changes); i += 2 {
			if changes[i+1] == "" {
				delete(next, changes[i])
			} else {
				next[changes[i]] = changes[i+1]
			}
		}
		return next
	}
	type counts struct {
		LostToGo, LostToEngine, Overwritten [sides]int
		Broken                              int
	}
	for _, test := range []struct {
		name string
		next state
		want counts
	}{
		{"Go's own", with(by, `"g1"`, "g1", "8"), counts{}},
		{"a first one of Go's", with(by, `"g2"`, "g2", "1"), counts{}},
		{"Django's own", with(by, `"d0"`, "d0", "4"), counts{}},
		{"the same again", with(), counts{}},
		{"Go sets Go back", with(by, `"g1"`, "g1", "8", "g0", "4"), counts{LostToGo: [sides]int{ofGo: 1}}},
		{"Go drops Django's", with(by, `"g1"`, "g1", "8", "d0", "", "d1", ""), counts{LostToGo: [sides]int{ofDjango: 2}}},
		{"Go even advances another's", with(by, `"g1"`, "g1", "8", "d0", "4"), counts{LostToGo: [sides]int{ofDjango: 1}}},
		{"Go logs out", with(by, `"g1"`, "g1", "8", "_auth_user_id", ""), counts{LostToGo: [sides]int{nobody: 1}}},
		{"Django sets Go back", with(by, `"d0"`, "d0", "4", "g0", "1", "g1", ""), counts{Overwritten: [sides]int{ofGo: 2}}},
		{"Django sets Django back", with(by, `"d0"`, "d0", "4", "d1", "8"), counts{Overwritten: [sides]int{ofDjango: 1}}},
		{"Django brings back", with(by, `"d0"`, "d0", "4", "d1", "10"), counts{}},
		{"Django sets our engine back", with(by, `"d0"`, "d0", "4", "e0", "3"), counts{Overwritten: [sides]int{ofEngine: 1}}},
		{"our engine's own", with(by, `"e1"`, "e1", "1"), counts{}},
		{"our engine's own with its number", with(by, `"e0/5"`, "e0", "5"), counts{}},
		{"our engine's own again", with(by, `"e0"`), counts{}},
		{"our engine sets Go and Django back", with(by, `"e0"`, "e0", "5", "g0", "4", "d1", ""), counts{LostToEngine: [sides]int{ofGo: 1, ofDjango: 1}}},
		{"our engine even advances another's", with(by, `"e0"`, "e0", "5", "g0", "6"), counts{LostToEngine: [sides]int{ofGo: 1}}},
		{"our engine logs out", with(by, `"e0"`, "e0", "5", "_auth_user_id", ""), counts{LostToEngine: [sides]int{nobody: 1}}},
		{"Django logs out", with(by, `"d0"`, "d0", "4", "_auth_user_id", ""), counts{Broken: 1}},
		{"a writer sets itself back", with(by, `"g0"`, "g0", "4"), counts{Broken: 1}},
		{"nobody", with(by, `"x"`), counts{Broken: 1}},
		{"a writer without a number", with(by, `"g9"`), counts{Broken: 1}},
		{"emptied", state{}, counts{Broken: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAudit(1)
			a.begin(0, base)
			a.advance(0, test.next)
			got := counts{a.lostToGo, a.lostToEngine, a.overwritten, a.broken}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("counts %+v, want %+v", got, test.want)
			}
			bad := got.Broken > 0 || got.LostToGo != [sides]int{} || got.LostToEngine != [sides]int{}
			if bad != (len(a.evidence) > 0) {
				t.Errorf("evidence %q", a.evidence)
			}
		})
	}
}

func TestAuditMissing(t *testing.T) {
	a := newAudit(2)
	a.begin(0, state{})
	a.begin(1, state{})
	a.advance(0, state{by: `"g0"`, "g0": "1"})
	a.advance(1, state{by: `"g0"`, "g0": "2"})
	got := a.missing([]write{{0, "g0", 1}, {1, "g0", 2}, {0, "g0", 2}, {1, "d0", 2}})
	if want := []write{{0, "g0", 2}, {1, "d0", 2}}; !slices.Equal(got, want) {
		t.Errorf("missing %v, want %v", got, want)
	}
	if a.stored != [sides]int{ofGo: 2} {
		t.Errorf("stored %v", a.stored)
	}
	if a.remove(0); a.broken != 1 || !strings.Contains(a.evidence[0], "deleted") {
		t.Errorf("a deletion: %d broken, evidence %q", a.broken, a.evidence)
	}
}
