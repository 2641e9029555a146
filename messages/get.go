package messages

import "net/http"

// Get returns all messages for the visitor, oldest first, and marks them as read: they are
// removed when the response is sent. Call it before the first write of the response. Later
// calls for the same request return the same messages, and those added since. Django's
// get_messages, and a loop over them.
//
// A cookie that cannot be read counts as no messages, as in Django, and is logged. An error
// is one of Sessions.Get if the messages are in the session, or matches
// django.ErrUnreadable if the session holds something else there: call
// Sessions.HandleError and return. Without [Messages.Middleware] it is [ErrNoMiddleware].
// Several goroutines may call Get at once.
func (m *Messages) Get(r *http.Request) ([]Message, error) {
	q, err := m.request(r)
	if err != nil {
		return nil, err
	}
	if err := q.load(r); err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	list := make([]Message, len(q.entries))
	for i, e := range q.entries {
		e.read = true
		list[i] = e.Message
	}
	return list, nil
}

// Keep marks the messages that Get returned as unread, so that the next page shows them
// again. The error is [ErrNoMiddleware]. Django's used = False.
func (m *Messages) Keep(r *http.Request) error {
	q, err := m.request(r)
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.entries {
		e.read = false
	}
	return nil
}
