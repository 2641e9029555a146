package memcached

import (
	"fmt"
	"hash/crc32"
	"testing"
)

// TestPicks: each selection picks the servers that pymemcache 4.0 and pylibmc 1.6 have picked, on
// machines of any word size.
func TestPicks(t *testing.T) {
	nodes, err := parseLocation("127.0.0.1:21211;127.0.0.2:11212,127.0.0.3")
	if err != nil {
		t.Fatal(err)
	}
	for selection, want := range map[Selection]uint32{Pymemcache: 0x935537bb, Pylibmc: 0x563c2a66, PylibmcKetama: 0x4f44996e} {
		pick, err := selection.picker(nodes)
		if err != nil {
			t.Fatal(err)
		}
		picks := make([]byte, 1000)
		for i := range picks {
			picks[i] = '0' + byte(pick(fmt.Sprint(":1:django.contrib.sessions.cache", i)))
		}
		if got := crc32.ChecksumIEEE(picks); got != want {
			t.Errorf("selection %d: %#x %.50s, want %#x", selection, got, picks, want)
		}
	}
}
