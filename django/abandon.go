package django

// Abandon replaces the session by a new, empty one, and leaves what is stored, and
// the browser's cookie, as they are: for a session that this service cannot accept
// but Django may. Changes made before are dropped; a change made afterwards makes a
// new session under a new key, whose cookie then replaces the old one. Safe for
// concurrent use.
func (s *Session) Abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stored = Record{}
	s.clear()
	s.settle()
	s.modified, s.abandoned = false, true
}
