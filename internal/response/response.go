// Package response is the ResponseWriter of a middleware that has something to
// say in the headers, at the last moment before they leave.
package response

import (
	"io"
	"maps"
	"net/http"
)

// Hooks are what a middleware does in the course of a response.
type Hooks interface {
	// Commit is called once, before the headers h leave with this status. After an
	// error Fail answers instead of the handler.
	Commit(h http.Header, status int) error
	// Hijack is called before the connection is hijacked. What it puts into h leaves
	// only if the handler sends it. After an error that wraps [ErrRefused] the
	// handler can still answer; after another one Fail answers. If the
	// connection cannot be hijacked, h is restored, and Commit is still to come.
	Hijack(h http.Header) error
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
	replaced bool // by an error: what the handler still writes is dropped
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
	restore(p.w.Header(), p.before)
	p.hooks.Fail(p.w, err)
}

func restore(h, before http.Header) {
	clear(h)
	maps.Copy(h, before)
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

// ReadFrom implements io.ReaderFrom.
func (p *Response) ReadFrom(r io.Reader) (int64, error) {
	if !p.begin(http.StatusOK) {
		return io.Copy(io.Discard, r)
	}
	return io.Copy(p.w, r)
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
