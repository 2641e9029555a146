package django

// Late implements response.Hooks: it saves what was changed after the headers were sent. A
// failure is only logged.
func (q *request) Late(status int) {
	s, err := q.loaded()
	switch {
	case err != nil, s == nil:
	case status < 500:
		err = s.commitLate(q)
	default:
		err = s.view(q).failed
	}
	q.settle(err == nil && status < 500)
	if err != nil {
		q.logError("session changes after the response headers were not saved", err)
	}
}

func (s *Session) commitLate(q *request) error {
	if err := s.beginCommit(q); err != nil {
		return err
	}
	defer s.end()
	v := s.view(q)
	if v.empty || !v.unsaved {
		return v.failed
	}
	ctx, cancel := q.commitContext(q.r.Context())
	defer cancel()
	return s.save(ctx, false)
}
