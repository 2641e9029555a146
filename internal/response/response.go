// Package response is the ResponseWriter of a middleware that adds headers at the last
// moment before they are sent.
package response

import (
	"io"
	"maps"
	"net/http"
)

// Hooks are what a middleware does in the course of a response.
type Hooks interface {
	// Commit is called once, before the headers h are sent with this status. After an
	// error Fail answers instead of the handler.
	Commit(h http.Header, status int) error
	// Hijack is called before the connection is hijacked. What it adds to h is sent only
	// if the handler does so. After an error that wraps [ErrRefused], or if the connection
	// cannot be hijacked, h is restored, undo is called, and the handler can still answer,
	// with a Commit; after another error Fail answers.
	Hijack(h http.Header) (undo func(), err error)
	// Fail answers with the error of Commit or Hijack; the headers of w are as the
	// middleware got them.
	Fail(w http.ResponseWriter, err error)
	// Sealed is called when the headers were sent.
	Sealed()
	// Late is called when the handler has returned after the headers were sent.
	Late(status int)
	// Gone returns why nobody reads the response any more, nil while somebody may.
	Gone() error
}

// Response is the ResponseWriter that a handler gets.
type Response struct {
	w      http.ResponseWriter
	hooks  Hooks
	before http.Header // as the middleware got them

	status    int         // 0 until the headers are sent
	committed bool        // without an error
	replaced  bool        // by an error: what the handler writes from then on is dropped
	dropped   http.Header // what the handler gets from Header once it was replaced
}

// Start wraps w with p, which must be zero. The handler gets Wrap, and the middleware then
// calls Finish.
func (p *Response) Start(w http.ResponseWriter, hooks Hooks) {
	p.w, p.hooks = w, hooks
	if h := w.Header(); len(h) > 0 {
		p.before = h.Clone()
	}
}

// begin commits before the headers are sent, and reports whether the handler's response
// may follow.
func (p *Response) begin(status int) bool {
	if p.status == 0 {
		p.status = status
		if err := p.hooks.Commit(p.w.Header(), status); err != nil {
			p.fail(err)
		} else {
			p.committed = true
		}
		p.hooks.Sealed()
	}
	return !p.replaced
}

// fail answers with the error in place of what the handler prepared.
func (p *Response) fail(err error) {
	p.replaced, p.dropped = true, make(http.Header)
	restore(p.w.Header(), p.before)
	p.hooks.Fail(p.w, err)
}

func restore(h, before http.Header) {
	clear(h)
	maps.Copy(h, before)
}

// Finish ends the response of a handler that returned, not of one that panicked.
func (p *Response) Finish() {
	if p.status == 0 {
		p.begin(http.StatusOK)
	} else if p.committed {
		p.hooks.Late(p.status)
	}
}

// Begun reports whether the headers were sent.
func (p *Response) Begun() bool { return p.status != 0 }

// Header implements http.ResponseWriter.
func (p *Response) Header() http.Header {
	if p.replaced {
		return p.dropped
	}
	return p.w.Header()
}

// WriteHeader implements http.ResponseWriter. An informational status does not begin the
// response, and an invalid one panics before anything is committed.
func (p *Response) WriteHeader(status int) {
	informational := status >= 100 && status < 200 && status != http.StatusSwitchingProtocols
	switch {
	case informational && p.replaced:
	case informational, status < 100, status > 999, p.begin(status):
		p.w.WriteHeader(status)
	}
}

// Write implements http.ResponseWriter.
func (p *Response) Write(b []byte) (int, error) {
	if !p.begin(http.StatusOK) {
		return p.drop(len(b))
	}
	return p.w.Write(b)
}

// WriteString implements io.StringWriter.
func (p *Response) WriteString(s string) (int, error) {
	if !p.begin(http.StatusOK) {
		return p.drop(len(s))
	}
	return io.WriteString(p.w, s)
}

// drop is a write of n bytes to a response that was replaced. That is no error while
// somebody may read the replacement: a reverse proxy would abort the connection.
func (p *Response) drop(n int) (int, error) {
	if err := p.hooks.Gone(); err != nil {
		return 0, err
	}
	return n, nil
}

// ReadFrom implements io.ReaderFrom. Nothing is committed before there is something to
// send.
func (p *Response) ReadFrom(r io.Reader) (n int64, err error) {
	if p.status == 0 {
		n, err = io.CopyN(writeOnly{p}, r, 512)
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	var to io.Writer = p.w
	if p.replaced {
		to = writeOnly{p}
	}
	rest, err := io.Copy(to, r)
	return n + rest, err
}

// writeOnly hides ReadFrom from io.Copy.
type writeOnly struct{ io.Writer }

// FlushError is what http.ResponseController calls. Without support nothing is committed.
func (p *Response) FlushError() error {
	if !p.flushes() {
		return http.ErrNotSupported
	}
	if !p.begin(http.StatusOK) {
		return nil
	}
	return http.NewResponseController(p.w).Flush()
}

// Unwrap lets http.ResponseController set deadlines, for instance.
func (p *Response) Unwrap() http.ResponseWriter { return p.w }

// LeaveToOuter makes the middleware outside answer if w is its ResponseWriter and has no
// answer yet: that of an error which the middleware outside has noted. For Hooks.Fail.
func LeaveToOuter(w http.ResponseWriter) {
	if outer, ok := w.(interface{ Begun() bool }); ok && !outer.Begun() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}
