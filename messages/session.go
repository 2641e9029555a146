package messages

import (
	"net/http"
	"slices"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

const sessionKey = "_messages"

// sessionList returns the messages that a session holds. Django's SessionStorage._get.
func (m *Messages) sessionList(s *django.Session) ([]*record, error) {
	value, ok := s.Get(sessionKey)
	if !ok || value.IsNull() {
		return nil, nil
	}
	var text string
	if value.Kind() != serializer.String {
		return nil, unreadable(errNotMessages)
	}
	if err := value.Decode(&text); err != nil {
		return nil, unreadable(err)
	}
	if text == "" {
		return nil, nil
	}
	list, _, err := decodeList(text)
	if err != nil {
		return nil, unreadable(err)
	}
	return list, nil
}

// change is what a request does to the messages in its session.
type change struct {
	clear       bool // remove all, which no cookie announced
	remove, add []*record
}

func (c change) any() bool { return len(c.remove)+len(c.add) > 0 }

// apply makes the change to what the session holds by now: messages that another request
// added meanwhile stay, and those that another request showed do not come back.
func (m *Messages) apply(s *django.Session, c change) error {
	list, err := m.sessionList(s)
	if err != nil {
		return err
	}
	if c.clear {
		list = nil
	}
	for _, removed := range c.remove {
		if i := slices.IndexFunc(list, removed.equal); i >= 0 {
			list = slices.Delete(list, i, i+1)
		}
	}
	list = append(list, c.add...)
	if len(list) == 0 {
		s.Delete(sessionKey)
		return nil
	}
	return s.Set(sessionKey, m.format.encodeList(list, m.format.spaced(), true))
}

func (rec *record) equal(other *record) bool {
	return rec.level == other.level && rec.text == other.text && rec.tags == other.tags && rec.Safe == other.Safe
}

// changeSession applies a change and saves the session at once, unless its own middleware
// has to do that because the response sets the session's cookie itself.
func (m *Messages) changeSession(r *http.Request, c change, saved bool) error {
	if saved {
		return m.sessions.UpdateRequest(r, func(s *django.Session) error { return m.apply(s, c) })
	}
	s, err := m.sessions.Get(r)
	if err != nil {
		return err
	}
	return m.apply(s, c)
}
