package django

// Abandon replaces the session by a new, empty one, and leaves the stored session and the
// browser's cookie as they are: for a session that this service cannot accept but Django
// may. Unsaved changes are dropped. A later change makes a new session under a new key,
// whose cookie replaces the old one. Flush still removes the stored session.
func (s *Session) Abandon() {
	s.changeOrLog(func() {
		left := s.abandoned // the first is the browser's
		if left == nil && s.stored.Key != "" {
			left = &storedSession{s.stored.Key, s.data}
		}
		s.state = state{abandoned: left, candidate: s.candidate}
		s.setStored(Record{})
		s.epoch++
		s.shared, s.accessed = false, true
	})
}

// Abandoned returns the key of the stored session that Abandon left alone, or "". It is a
// secret.
func (s *Session) Abandoned() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.abandoned == nil {
		return ""
	}
	return s.abandoned.key
}
