package messages

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
)

// request is the messages of one request. All middlewares of a site that the request passes
// through share it.
type request struct {
	m *Messages     // of the outermost middleware
	r *http.Request // as that middleware passes it on

	misplaced error // of the middlewares' order

	mu      sync.Mutex // not held while a session, a store or other code is called
	level   int
	loaded  bool
	ended   bool     // with the cookie: the session was not read
	varies  bool     // the response depends on the cookie
	entries []*entry // those loaded, then those added
}

// entry is a message of a request.
type entry struct {
	*record
	read  bool
	place place // where it is stored
}

type place int8

const (
	nowhere place = iota
	cookiePlace
	sessionPlace
)

// contextKey tells the requests of one site from another's.
type contextKey struct{ sessions *django.Sessions }

// request returns this site's messages of r.
func (m *Messages) request(r *http.Request) (*request, error) {
	q, _ := r.Context().Value(contextKey{m.sessions}).(*request)
	if q == nil {
		return nil, ErrNoMiddleware
	}
	return q, q.misplaced
}

func (q *request) add(rec *record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if rec.Text != "" && rec.Level >= q.level {
		q.entries = append(q.entries, &entry{record: rec})
	}
}

// load loads what is stored, once. r is the request that it is loaded for.
func (q *request) load(r *http.Request) error {
	q.mu.Lock()
	loaded := q.loaded
	q.mu.Unlock()
	if loaded {
		return nil
	}
	entries, ended, err := q.stored(r)
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.loaded {
		q.loaded, q.ended, q.varies = true, ended, q.m.storage != sessionStorage
		q.entries = append(entries, q.entries...)
	}
	return nil
}

// stored reads what is stored, and reports whether it ended with the cookie. Django's _get.
func (q *request) stored(r *http.Request) (entries []*entry, ended bool, err error) {
	if q.m.storage != sessionStorage {
		list, finished, err := q.fromCookie(r.Context())
		if err != nil {
			return nil, false, err
		}
		entries = q.entriesOf(list, cookiePlace)
		if finished || q.m.storage == cookieStorage {
			return entries, true, nil
		}
	}
	s, err := q.m.sessions.Get(r)
	if err != nil {
		return nil, false, err
	}
	list, err := q.m.sessionList(s)
	if err != nil {
		return nil, false, err
	}
	return append(entries, q.entriesOf(list, sessionPlace)...), false, nil
}

// fromCookie returns the cookie's messages, and whether the session has none besides. As in
// Django, it has none if there is no usable cookie.
func (q *request) fromCookie(ctx context.Context) (list []*record, finished bool, err error) {
	value, _ := cookie.Get(q.r.Header, cookieName)
	if value == "" {
		return nil, true, nil
	}
	list, finished, err = q.m.jar.read(ctx, value)
	if err == nil {
		return list, finished, nil
	}
	if ctx.Err() != nil {
		return nil, false, ctx.Err()
	}
	q.log(slog.LevelWarn, "messages cookie could not be read and counts as empty", slog.Any("error", err))
	return nil, true, nil
}

func (q *request) entriesOf(list []*record, at place) []*entry {
	entries := make([]*entry, len(list))
	for i, rec := range list {
		rec.LevelTag = q.m.levelTag(rec.Level)
		entries[i] = &entry{record: rec, place: at}
	}
	return entries
}

// changed reports whether something has to be stored or removed.
func (q *request) changed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.ContainsFunc(q.entries, func(e *entry) bool { return e.read == (e.place != nowhere) })
}

func (q *request) log(level slog.Level, text string, attrs ...slog.Attr) {
	attrs = append(attrs, slog.String("method", q.r.Method), slog.String("path", q.r.URL.Path))
	q.m.logger.LogAttrs(q.r.Context(), level, text, attrs...)
}
