package usertable

import "testing"

// TestJoinedUserOfTheLastLoad: a user counts until another session is loaded, also if that began
// before.
func TestJoinedUserOfTheLastLoad(t *testing.T) {
	c := &joinContext{table: new(Table)}
	load := func(id string) (end func()) {
		u := c.begin(id)
		u.row = new(row)
		return func() { c.loaded(u) }
	}
	taken := func(id string, want bool) {
		t.Helper()
		if got := c.take(id) != nil; got != want {
			t.Errorf("user %s: %t, want %t", id, got, want)
		}
	}
	load("1")()
	taken("2", false)
	taken("1", true)
	taken("1", false)
	load("1")()
	load("2")()
	taken("1", false)
	taken("2", true)
	load("1")()
	c.loaded(nil)
	taken("1", false)
	slow := load("1")
	load("2")()
	slow()
	taken("1", false)
	taken("2", false)
}
