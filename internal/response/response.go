// Package response is the ResponseWriter of a middleware that has something to
// say in the headers, at the last moment before they leave.
package response

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
)

// Hooks are what a middleware does in the course of a response.
type Hooks interface {
	// Commit is called once, before the headers h leave with this status. After an
	// error Fail answers instead of the handler.
	Commit(h http.Header, status int) error
	// Fail answers with the error of Commit; w is as the middleware found it.
	Fail(w http.ResponseWriter, err error)
	// Sealed is called when the headers have gone.
	Sealed()
	// Late is called when the handler has returned after they had gone.
	Late(status int)
}

// Response is the ResponseWriter that a handler gets.
type Response struct {
	w      http.ResponseWriter
	hooks  Hooks
	before http.Header // as the middleware found them

	status   int  // 0 until the headers have gone
	replaced bool // by an error: what the handler still writes goes nowhere
}

// New wraps w, to be handed on by Wrap and ended by Finish.
func New(w http.ResponseWriter, hooks Hooks) *Response {
	return &Response{w: w, hooks: hooks, before: w.Header().Clone()}
}

// begin commits before the headers leave, and reports whether the handler's
// response may follow.
func (p *Response) begin(status int) bool {
	if p.status == 0 {
		p.status = status
		if err := p.hooks.Commit(p.w.Header(), status); err != nil {
			p.fail(err)
		}
		p.hooks.Sealed()
	}
	return !p.replaced
}

// fail answers with the error in place of what the handler prepared.
func (p *Response) fail(err error) {
	p.replaced = true
	h := p.w.Header()
	clear(h)
	maps.Copy(h, p.before)
	p.hooks.Fail(p.w, err)
}

// Finish follows the handler's return. A handler that panicked has none.
func (p *Response) Finish() {
	if p.status == 0 {
		p.begin(http.StatusOK)
	} else if !p.replaced {
		p.hooks.Late(p.status)
	}
}

// Begun reports whether the headers have gone.
func (p *Response) Begun() bool { return p.status != 0 }

// Header implements http.ResponseWriter.
func (p *Response) Header() http.Header { return p.w.Header() }

// WriteHeader implements http.ResponseWriter.
func (p *Response) WriteHeader(status int) {
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

// Write implements http.ResponseWriter.
func (p *Response) Write(b []byte) (int, error) {
	if !p.begin(http.StatusOK) {
		// An error here would make a reverse proxy abort the connection, and with
		// it the answer that has replaced this one.
		return len(b), nil
	}
	return p.w.Write(b)
}

// WriteString implements io.StringWriter.
func (p *Response) WriteString(s string) (int, error) {
	if !p.begin(http.StatusOK) {
		return len(s), nil
	}
	return io.WriteString(p.w, s)
}

// FlushError is what http.ResponseController calls.
func (p *Response) FlushError() error {
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
func (p *Response) Unwrap() http.ResponseWriter { return p.w }

func (p *Response) hijack() (net.Conn, *bufio.ReadWriter, error) {
	if !p.begin(http.StatusSwitchingProtocols) {
		return nil, nil, http.ErrNotSupported
	}
	return http.NewResponseController(p.w).Hijack()
}

func (p *Response) readFrom(r io.Reader) (int64, error) {
	if !p.begin(http.StatusOK) {
		return io.Copy(io.Discard, r)
	}
	return io.Copy(p.w, r)
}

// Wrap returns p with those optional interfaces that the original has, so that
// a handler's type assertions find out the truth.
func (p *Response) Wrap() http.ResponseWriter {
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

func (p *Response) flushes() bool {
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

type flushable struct{ *Response }

func (p flushable) Flush() { _ = p.FlushError() }

// hijackable is a Response of HTTP/1.1.
type hijackable struct{ flushable }

func (p hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) { return p.hijack() }

func (p hijackable) ReadFrom(r io.Reader) (int64, error) { return p.readFrom(r) }

// pushable is a Response of HTTP/2.
type pushable struct{ flushable }

func (p pushable) Push(target string, opts *http.PushOptions) error {
	return p.w.(http.Pusher).Push(target, opts)
}
