package usertable

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

const (
	maxSessions = 1 << 16
	maxID       = 64 // bytes
)

// memory knows of some sessions which user they named last, in a bounded amount of memory. What
// it says may be outdated. It is safe for concurrent use.
type memory struct {
	seed  maphash.Seed
	slots []atomic.Pointer[named] // by the hash of the session's key
}

// named is a session, by the hash of its key, and the id of the user whom it names.
type named struct {
	session uint64
	user    string
}

func newMemory() *memory {
	return &memory{maphash.MakeSeed(), make([]atomic.Pointer[named], maxSessions)}
}

func (m *memory) slot(key string) (slot *atomic.Pointer[named], session uint64) {
	session = maphash.String(m.seed, key)
	return &m.slots[session%maxSessions], session
}

// user returns the id of the user whom the session under key named, "" if it is not known.
func (m *memory) user(key string) string {
	slot, session := m.slot(key)
	if n := slot.Load(); n != nil && n.session == session {
		return n.user
	}
	return ""
}

// remember notes the id of the user whom the session under key names, "" if it names none.
func (m *memory) remember(key, id string) {
	slot, session := m.slot(key)
	n := slot.Load()
	same := n != nil && n.session == session
	switch {
	case same && n.user == id:
	case id != "" && len(id) <= maxID:
		slot.Store(&named{session, strings.Clone(id)})
	case same:
		slot.Store(nil)
	}
}
