package django

// draft is a copy of a session's state for the one goroutine that stores it.
type draft struct {
	session *Session
	site    *site
	state
	epoch uint32 // of the session when the copy was made
	from  string // the key that the session had then
}

// take moves what has to be saved into a draft. Changes that are made to the session
// meanwhile are applied on top of the draft's outcome by giveBack. The caller has begun.
func (s *Session) take() (*draft, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		return nil, s.failed
	}
	d := &draft{session: s, site: s.site, state: s.state, epoch: s.epoch, from: s.stored.Key}
	s.unsaved, s.shared = unsaved{}, true
	return d, nil
}

// giveBack ends take: the session continues with the draft's state. If d was not saved, its
// changes still have to be saved.
func (s *Session) giveBack(d *draft, saved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch != d.epoch { // it was abandoned meanwhile
		if s.abandoned != nil && s.abandoned.key == d.from && d.stored.Key != "" {
			s.abandoned = &storedSession{d.stored.Key, d.data} // it has moved
		}
		return
	}
	later := s.unsaved
	s.state, s.shared = d.state, true
	if later.any() {
		later.changes.apply(s.own())
		s.modified, s.dropped = true, false
	}
	if saved {
		s.unsaved = later
		return
	}
	s.changes.then(&later.changes)
	s.touched = s.touched || later.touched
	s.cycling = s.cycling || later.cycling
	s.optional = s.unsaved.any() && (d.optional || !d.unsaved.any()) && (later.optional || !later.any())
	if s.optional && s.before == nil {
		s.before = later.before
	}
}

// settle notes that everything is saved.
func (d *draft) settle() {
	d.unsaved = unsaved{}
	d.candidate = ""
}

// rebase puts the changes on top of what is stored now.
func (d *draft) rebase(rec Record) {
	d.setStored(rec)
	if d.optional {
		d.before, d.data = d.data, d.data.Clone()
	}
	d.changes.apply(d.data)
}
