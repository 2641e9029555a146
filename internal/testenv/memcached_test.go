package testenv

import "testing"

// TestMemcached: a server is empty after a Restart, does not answer while it is paused, and
// answers again.
func TestMemcached(t *testing.T) {
	s := Memcached(t, WithSetting("-I", "2m"))
	for name, fail := range map[string]func() error{"killed": s.Kill, "paused": s.Pause} {
		if err := s.pingMemcached(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := fail(); err != nil {
			t.Fatal(err)
		}
		answered := make(chan error, 1)
		go func() { answered <- s.pingMemcached(t.Context()) }()
		if name == "paused" {
			silent(t, answered, "an answer of a paused server")
		} else if err := <-answered; err == nil {
			t.Errorf("a server that was %s answered", name)
		}
		if err := s.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
