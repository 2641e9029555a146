package django

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
)

// response is the ResponseWriter that a handler gets: it commits the session
// before the first byte leaves, and replaces the response by an error's if that
// fails.
type response struct {
	w      http.ResponseWriter
	q      *request
	before http.Header // as the middleware found them

	status   int  // 0 until the headers have gone
	replaced bool // by an error: what the handler still writes goes nowhere
}

func newResponse(w http.ResponseWriter, q *request) *response {
	return &response{w: w, q: q, before: w.Header().Clone()}
}

// begin commits before the headers leave, and reports whether the handler's
// response may follow.
func (p *response) begin(status int) bool {
	if p.status == 0 {
		p.status = status
		if err := p.q.commit(p.w.Header(), status); err != nil {
			p.fail("request failed for its session", err)
		}
		p.q.seal()
	}
	return !p.replaced
}

// fail answers with the error in place of what the handler prepared.
func (p *response) fail(msg string, err error) {
	p.replaced = true
	h := p.w.Header()
	clear(h)
	maps.Copy(h, p.before)
	p.q.logError(msg, err)
	p.q.site.onError(p.w, p.q.r, err)
}

// finish follows the handler's return.
func (p *response) finish() {
	if p.status == 0 {
		p.begin(http.StatusOK)
	} else if !p.replaced {
		p.q.commitLate(p.status)
	}
}

func (p *response) Header() http.Header { return p.w.Header() }

func (p *response) WriteHeader(status int) {
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		// Informational: the response itself is still to come.
		if !p.replaced {
			p.w.WriteHeader(status)
		}
		return
	}
	if p.begin(status) {
		p.w.WriteHeader(status)
	}
}

func (p *response) Write(b []byte) (int, error) {
	if !p.begin(http.StatusOK) {
		// An error here would make a reverse proxy abort the connection, and with
		// it the answer that has replaced this one.
		return len(b), nil
	}
	return p.w.Write(b)
}

func (p *response) WriteString(s string) (int, error) {
	if !p.begin(http.StatusOK) {
		return len(s), nil
	}
	return io.WriteString(p.w, s)
}

// FlushError is what http.ResponseController calls.
func (p *response) FlushError() error {
	if !p.flushes() {
		return http.ErrNotSupported // and no header has gone
	}
	if !p.begin(http.StatusOK) {
		return nil
	}
	return http.NewResponseController(p.w).Flush()
}

// Unwrap lets http.ResponseController find what the response itself has no need
// to see, such as deadlines.
func (p *response) Unwrap() http.ResponseWriter { return p.w }

func (p *response) hijack() (net.Conn, *bufio.ReadWriter, error) {
	if !p.begin(http.StatusSwitchingProtocols) {
		return nil, nil, http.ErrNotSupported
	}
	return http.NewResponseController(p.w).Hijack()
}

func (p *response) readFrom(r io.Reader) (int64, error) {
	if !p.begin(http.StatusOK) {
		return io.Copy(io.Discard, r)
	}
	return io.Copy(p.w, r)
}

// wrap returns p with those optional interfaces that the original has, so that
// a handler's type assertions find out the truth.
func (p *response) wrap() http.ResponseWriter {
	_, push := p.w.(http.Pusher)
	switch {
	case has[http.Hijacker](p.w):
		return hijackable{flushable{p}}
	case push && p.flushes():
		return pushable{flushable{p}}
	case p.flushes():
		return flushable{p}
	}
	return p
}

func (p *response) flushes() bool {
	return has[http.Flusher](p.w) || has[interface{ FlushError() error }](p.w)
}

// has reports whether w or a writer that it wraps is a T, in the way of
// http.ResponseController.
func has[T any](w http.ResponseWriter) bool {
	for {
		if _, ok := w.(T); ok {
			return true
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = u.Unwrap()
	}
}

type flushable struct{ *response }

func (p flushable) Flush() { _ = p.FlushError() }

// hijackable is a response of HTTP/1.1.
type hijackable struct{ flushable }

func (p hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return p.hijack() }

func (p hijackable) ReadFrom(r io.Reader) (int64, error) { return p.readFrom(r) }

// pushable is a response of HTTP/2.
type pushable struct{ flushable }

func (p pushable) Push(target string, opts *http.PushOptions) error {
	return p.w.(http.Pusher).Push(target, opts)
}
