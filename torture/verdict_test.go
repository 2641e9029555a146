package torture

import (
	"encoding/json"
	"maps"
	"strconv"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// A verdict is the result of an audit.
type verdict struct {
	*audit
	acknowledged [sides]int // by side
	alone        int        // of Go's acknowledged writes, those that only Go can have overwritten, or our engine
	exposed      int        // those that Django can have overwritten
	missing      int        // of the acknowledged writes
	outdated     int        // copies in the cache of cached_db, at the end
	counter      state      // the last one of the counter's session
	counted      int        // the counter's last value
	countedFor   map[string]int
}

// all returns how many writes were acknowledged.
func (v verdict) all() int { return sum(v.acknowledged) }

// lost returns how many acknowledged writes were not stored, or overwritten by Go or our engine.
func (v verdict) lost() int { return v.missing + sum(v.lostToGo) + sum(v.lostToEngine) }

func sum(bySide [sides]int) (n int) {
	for _, one := range bySide {
		n += one
	}
	return n
}

// verify audits every step and compares the end with what Django reads. It fails the test
// for everything but what Django overwrote, which the caller checks.
func (a *arena) verify(t *testing.T, acknowledged []write) verdict {
	t.Helper()
	if a.watch != nil {
		return a.verifyCache(t, acknowledged)
	}
	v := verdict{audit: newAudit(len(a.keys)), countedFor: map[string]int{}}
	a.follow(t, &v)
	for _, w := range acknowledged {
		v.acknowledged[sideOf(w.writer)]++
	}
	v.alone, v.exposed = v.acknowledged[ofGo], v.acknowledged[ofGo]
	missing := v.audit.missing(acknowledged)
	if v.missing = len(missing); v.missing > 0 {
		t.Errorf("%d of %d acknowledged writes are missing, the first is %+v", v.missing, len(acknowledged), missing[0])
	}
	for loser, lost := range map[string][sides]int{"Go": v.lostToGo, "our engine": v.lostToEngine} {
		if lost != [sides]int{} {
			t.Errorf("lost to %s: %d of Go's values, %d of Django's, %d of our engine's, %d others",
				loser, lost[ofGo], lost[ofDjango], lost[ofEngine], lost[nobody])
		}
	}
	if v.broken > 0 {
		t.Errorf("%d steps that no writer may take", v.broken)
	}
	for _, e := range v.evidence {
		t.Errorf("evidence: %s", e)
	}
	v.outdated = a.compareEnd(t, v.states)
	return v
}

// follow reads the trail.
func (a *arena) follow(t *testing.T, v *verdict) {
	t.Helper()
	place := map[string]int{}
	for i, key := range a.keys {
		place[key] = i
	}
	for s, err := range readTrail(t.Context(), a.db) {
		if err != nil {
			t.Fatal(err)
		}
		i, shared := place[s.key]
		switch {
		case s.deleted && shared:
			v.remove(i)
			continue
		case s.deleted:
			if s.key == a.counter {
				t.Error("the counter's session was deleted")
			}
			continue // an earlier session
		}
		data, err := a.codec.Decode(t.Context(), s.text)
		if err != nil {
			t.Fatalf("a session's text cannot be read: %v", err)
		}
		switch {
		case s.key == a.counter:
			v.countOn(t, data)
		case !shared:
			t.Fatal("the trail has a session that the test did not make")
		case v.states[i] == nil:
			v.begin(i, stateOf(data))
		default:
			v.advance(i, stateOf(data))
		}
	}
}

// countOn checks that the counter was incremented by one, or that nothing was changed.
func (v *verdict) countOn(t *testing.T, data *serializer.Dict) {
	t.Helper()
	next := stateOf(data)
	if maps.Equal(v.counter, next) {
		return
	}
	v.counter = next
	value, counting := data.Get(counter)
	if !counting && v.counted == 0 {
		return // it is new
	}
	n, err := strconv.Atoi(string(value.Bytes()))
	if err != nil || n != v.counted+1 {
		t.Fatalf("the counter went from %d to %s", v.counted, value.Bytes())
	}
	v.counted = n
	if request, ok := data.Get(countedFor); ok {
		text, err := strconv.Unquote(string(request.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		v.countedFor[text]++
	}
}

func stateOf(data *serializer.Dict) state {
	s := make(state, data.Len())
	for key, value := range data.All() {
		s[key] = string(value.Bytes())
	}
	return s
}

// compareEnd compares the last states with what Django reads. It returns how many copies of
// cached_db are outdated: Django may load a row before a write, and store its copy after it.
func (a *arena) compareEnd(t *testing.T, states []state) (outdated int) {
	t.Helper()
	contents := testenv.Ask[[]map[string]json.RawMessage](t, a.judge, "contents", testenv.Args{"session_keys": a.keys})
	for i, content := range contents {
		read := state{}
		for key, value := range content {
			read[key] = string(value)
		}
		if d := difference(states[i], read); d != "" && a.place.Kind != "" {
			outdated++
		} else if d != "" {
			t.Errorf("session %d: Django reads something else than was written last: %s", i, d)
		}
	}
	return outdated
}
