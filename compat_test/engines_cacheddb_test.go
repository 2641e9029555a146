package compat

import (
	"testing"

	"github.com/djsession/djsession/fixtures"
)

// engineStale: on a cached_db site, Django has a copy in its cache, and sees Go's change of the
// row at its next request all the same.
func engineStale(t *testing.T, c *engineCell) {
	key := c.create(t, simple)
	seen := 0
	for i := range c.random() {
		c.judge(t, key)
		s := c.load(t, key)
		set(t, s, "n", i)
		save(t, s)
		want := fixtures.NewInt(int64(i))
		if got, _ := c.judge(t, key).Values.Get("n"); got.Equal(want) {
			seen++
		}
	}
	if seen != c.random() {
		t.Errorf("Django sees %d of %d changes", seen, c.random())
	}
}
