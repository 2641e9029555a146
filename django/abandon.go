package django

import "github.com/djsession/djsession/serializer"

// abandoned is a stored session that was left alone.
type abandoned struct {
	key  string
	data *serializer.Dict // for its cookie
}

// Abandon makes the session a new, empty one, and leaves what is stored, and the
// browser's cookie, as they are: for a session that this service cannot accept but
// Django may. Changes that were not saved are dropped. A change made afterwards makes
// a new session under a new key, whose cookie then replaces the old one; saving the
// session while it is empty stores nothing. Flush still removes the stored session.
func (s *Session) Abandon() {
	s.changeOrLog(func() {
		left := s.abandoned // the first is the browser's
		if left == nil && s.stored.Key != "" {
			left = &abandoned{s.stored.Key, s.data}
		}
		s.state = state{abandoned: left}
		s.setStored(Record{})
		s.epoch++
		s.shared, s.modified, s.accessed = false, false, true
	})
}

// Abandoned returns the key of the stored session that Abandon left alone, "" if there is
// none. Treat it as the secret it is.
func (s *Session) Abandoned() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.abandoned == nil {
		return ""
	}
	return s.abandoned.key
}

// strayed returns the abandoned session if the browser has another key than it, so that
// the response must carry its cookie.
func (s *state) strayed(browser string) *abandoned {
	if s.abandoned != nil && s.abandoned.key != browser {
		return s.abandoned
	}
	return nil
}
