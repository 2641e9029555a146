package messages

import "net/http"

// An AddOption changes a message that is added.
type AddOption func(*Message)

// ExtraTags sets Django's extra_tags: further classes for the message's element, separated
// by spaces.
func ExtraTags(tags string) AddOption { return func(m *Message) { m.ExtraTags = tags } }

// Safe says that the text is HTML, which pages show as it is. Django's mark_safe. Escape
// what comes from a visitor.
func Safe() AddOption { return func(m *Message) { m.Safe = true } }

// Add adds a message for the next page that shows messages, of either side. One that is
// empty or of a lower level than MESSAGE_LEVEL or [Messages.SetLevel] is dropped. Django's
// add_message.
//
// Messages are stored before the response headers are sent, not at once; with a status of
// 5xx the session is not saved. One that is added after the headers were sent is stored if
// it belongs into a session that the browser has, and is otherwise lost and logged.
//
// r must have passed through [Messages.Middleware] of this site, or come from a request
// that did; otherwise the error is [ErrNoMiddleware]. A text that is not UTF-8 is a [*serializer.ValueError].
// Several goroutines may call Add at once.
func (m *Messages) Add(r *http.Request, level int, text string, opts ...AddOption) error {
	q, err := m.request(r)
	if err != nil {
		return err
	}
	msg := Message{Level: level, Text: text, LevelTag: m.levelTag(level)}
	for _, opt := range opts {
		opt(&msg)
	}
	rec, err := newRecord(msg)
	if err != nil {
		return err
	}
	q.add(rec)
	return nil
}

// Debug is [Messages.Add] with the level [Debug], which MESSAGE_LEVEL drops by default.
func (m *Messages) Debug(r *http.Request, text string, opts ...AddOption) error {
	return m.Add(r, Debug, text, opts...)
}

// Info is [Messages.Add] with the level [Info].
func (m *Messages) Info(r *http.Request, text string, opts ...AddOption) error {
	return m.Add(r, Info, text, opts...)
}

// Success is [Messages.Add] with the level [Success].
func (m *Messages) Success(r *http.Request, text string, opts ...AddOption) error {
	return m.Add(r, Success, text, opts...)
}

// Warning is [Messages.Add] with the level [Warning].
func (m *Messages) Warning(r *http.Request, text string, opts ...AddOption) error {
	return m.Add(r, Warning, text, opts...)
}

// Error is [Messages.Add] with the level [Error].
func (m *Messages) Error(r *http.Request, text string, opts ...AddOption) error {
	return m.Add(r, Error, text, opts...)
}

// SetLevel sets the level below which messages of this request are dropped from now on, in
// place of MESSAGE_LEVEL. The error is [ErrNoMiddleware]. Django's set_level.
func (m *Messages) SetLevel(r *http.Request, level int) error {
	q, err := m.request(r)
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.level = level
	return nil
}

// Level returns the level below which messages of this request are dropped: MESSAGE_LEVEL,
// unless SetLevel was called. Django's get_level.
func (m *Messages) Level(r *http.Request) int {
	q, err := m.request(r)
	if err != nil {
		return m.settings.MessageLevel
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.level
}
