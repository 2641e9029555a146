package usertable

import (
	"fmt"
	"sync"
	"testing"
)

// TestMemory: it remembers the last user of a session, and only so many sessions.
func TestMemory(t *testing.T) {
	m := newMemory()
	for _, id := range []string{"", "1", "22", "22", "", "1"} {
		m.remember("a session", id)
		if got := m.user("a session"); got != id {
			t.Errorf("%q, want %q", got, id)
		}
	}
	if got := m.user("another session"); got != "" {
		t.Errorf("another session: %q", got)
	}
	const sessions = 3 * maxSessions
	var all sync.WaitGroup
	for part := range 4 {
		all.Go(func() {
			for i := part; i < sessions; i += 4 {
				m.remember(fmt.Sprint(i), fmt.Sprint(i))
			}
		})
	}
	all.Wait()
	known := 0
	for i := range sessions {
		switch got := m.user(fmt.Sprint(i)); got {
		case fmt.Sprint(i):
			known++
		case "":
		default:
			t.Fatalf("%d: %q", i, got)
		}
	}
	if known < maxSessions/2 || known > maxSessions {
		t.Errorf("%d of %d sessions are known", known, sessions)
	}
}
