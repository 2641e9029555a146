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
	// handler can still answer; after another one Fail answers. If the handler is still
	// to answer, h is restored, undo is called, and Commit is still to come.
	Hijack(h http.Header) (undo func(), err error)
	// Fail answers with the error of Commit; w is as the middleware found it.
	Fail(w http.ResponseWriter, err error)
	// Sealed is called when the headers have gone.
	Sealed()
	// Late is called when the handler has returned after they had gone.
	Late(status int)
	// Gone says why nobody reads the response any more; nil while somebody may.
	Gone() error
}

// Response is the ResponseWriter that a handler gets.
type Response struct {
	w      http.ResponseWriter
	hooks  Hooks
	before http.Header // as the middleware found them

	status    int         // 0 until the headers have gone
	committed bool        // without an error
	replaced  bool        // by an error: what the handler still writes is dropped
	dropped   http.Header // what the handler still sets then
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

// Finish follows the handler's return. A handler that panicked has none.
func (p *Response) Finish() {
	if p.status == 0 {
		p.begin(http.StatusOK)
	} else if p.committed {
		p.hooks.Late(p.status)
	}
}

// Begun reports whether the headers have gone.
func (p *Response) Begun() bool { return p.status != 0 }

// Header implements http.ResponseWriter.
func (p *Response) Header() http.Header {
	if p.replaced {
		return p.dropped
	}
	return p.w.Header()
}

// WriteHeader implements http.ResponseWriter.
func (p *Response) WriteHeader(status int) {
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		// Informational: the response itself is still to come.
		if !p.replaced {
			p.w.WriteHeader(status)
		}
		return
	}
	// What is no status panics there, before anything is committed.
	if status < 100 || status > 999 || p.begin(status) {
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

// drop is a write of n bytes to a response that was replaced. While somebody may read
// the answer that did that, it is no error: it would make a reverse proxy abort the
// connection.
func (p *Response) drop(n int) (int, error) {
	if err := p.hooks.Gone(); err != nil {
		return 0, err
	}
	return n, nil
}

// ReadFrom implements io.ReaderFrom. Nothing is committed until there is something to
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
	var rest int64
	if p.replaced {
		rest, err = io.Copy(writeOnly{p}, r)
	} else {
		rest, err = io.Copy(p.w, r)
	}
	return n + rest, err
}

// writeOnly hides ReadFrom from io.Copy.
type writeOnly struct{ io.Writer }

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
