package response

import (
	"bufio"
	"net"
	"net/http"
)

// Wrap returns p with those optional interfaces of the original that handlers assert:
// http.Flusher, http.Hijacker, http.Pusher, and http.CloseNotifier, which gin needs.
// http.ResponseController finds all others by Unwrap.
func (p *Response) Wrap() http.ResponseWriter {
	kind := 0
	for i, is := range [...]func(http.ResponseWriter) bool{isFlusher, isHijacker, isPusher, isNotifier} {
		if wraps(p.w, is) {
			kind |= 1 << i
		}
	}
	return [...]http.ResponseWriter{
		p,
		withFlush{p},
		withHijack{p},
		withFlushHijack{withFlush{p}},
		withPush{p},
		withFlushPush{withFlush{p}},
		withHijackPush{withHijack{p}},
		withFlushHijackPush{withFlushHijack{withFlush{p}}},
		withNotify{p},
		withFlushNotify{withFlush{p}},
		withHijackNotify{withHijack{p}},
		withFlushHijackNotify{withFlushHijack{withFlush{p}}}, // HTTP/1.1
		withPushNotify{withPush{p}},
		withFlushPushNotify{withFlushPush{withFlush{p}}}, // HTTP/2
		withHijackPushNotify{withHijackPush{withHijack{p}}},
		withFlushHijackPushNotify{withFlushHijackPush{withFlushHijack{withFlush{p}}}},
	}[kind]
}

// Each type adds one method to another type. All are a single pointer, which an interface
// holds without an allocation.
type (
	withFlush                 struct{ *Response }
	withHijack                struct{ *Response }
	withPush                  struct{ *Response }
	withNotify                struct{ *Response }
	withFlushHijack           struct{ withFlush }
	withFlushPush             struct{ withFlush }
	withFlushNotify           struct{ withFlush }
	withHijackPush            struct{ withHijack }
	withHijackNotify          struct{ withHijack }
	withPushNotify            struct{ withPush }
	withFlushHijackPush       struct{ withFlushHijack }
	withFlushHijackNotify     struct{ withFlushHijack }
	withFlushPushNotify       struct{ withFlushPush }
	withHijackPushNotify      struct{ withHijackPush }
	withFlushHijackPushNotify struct{ withFlushHijackPush }
)

func (x withFlush) Flush()                                                  { _ = x.FlushError() }
func (x withHijack) Hijack() (net.Conn, *bufio.ReadWriter, error)           { return x.hijack() }
func (x withFlushHijack) Hijack() (net.Conn, *bufio.ReadWriter, error)      { return x.hijack() }
func (x withPush) Push(target string, o *http.PushOptions) error            { return x.push(target, o) }
func (x withFlushPush) Push(target string, o *http.PushOptions) error       { return x.push(target, o) }
func (x withHijackPush) Push(target string, o *http.PushOptions) error      { return x.push(target, o) }
func (x withFlushHijackPush) Push(target string, o *http.PushOptions) error { return x.push(target, o) }
func (x withNotify) CloseNotify() <-chan bool                               { return x.closeNotify() }
func (x withFlushNotify) CloseNotify() <-chan bool                          { return x.closeNotify() }
func (x withHijackNotify) CloseNotify() <-chan bool                         { return x.closeNotify() }
func (x withPushNotify) CloseNotify() <-chan bool                           { return x.closeNotify() }
func (x withFlushHijackNotify) CloseNotify() <-chan bool                    { return x.closeNotify() }
func (x withFlushPushNotify) CloseNotify() <-chan bool                      { return x.closeNotify() }
func (x withHijackPushNotify) CloseNotify() <-chan bool                     { return x.closeNotify() }
func (x withFlushHijackPushNotify) CloseNotify() <-chan bool                { return x.closeNotify() }

func (p *Response) push(target string, opts *http.PushOptions) error {
	return inner(p.w, isPusher).(http.Pusher).Push(target, opts)
}

func (p *Response) closeNotify() <-chan bool {
	//lint:ignore SA1019 see isNotifier
	return inner(p.w, isNotifier).(http.CloseNotifier).CloseNotify()
}

func (p *Response) flushes() bool { return wraps(p.w, isFlusher) }

// Go remembers the result of an assertion to a named interface, but not of one to a type
// parameter, which takes several times as long.

func isFlusher(w http.ResponseWriter) bool {
	switch w.(type) {
	case http.Flusher, interface{ FlushError() error }:
		return true
	}
	return false
}

func isHijacker(w http.ResponseWriter) bool { _, ok := w.(http.Hijacker); return ok }

func isPusher(w http.ResponseWriter) bool { _, ok := w.(http.Pusher); return ok }

//lint:ignore SA1019 gin uses it
func isNotifier(w http.ResponseWriter) bool { _, ok := w.(http.CloseNotifier); return ok }

// wraps reports whether w is, or wraps, such a writer.
func wraps(w http.ResponseWriter, is func(http.ResponseWriter) bool) bool {
	return inner(w, is) != nil
}

// inner returns the first writer that is such a one, of w and those that it wraps, as
// http.ResponseController looks for them; nil if there is none.
func inner(w http.ResponseWriter, is func(http.ResponseWriter) bool) http.ResponseWriter {
	for !is(w) {
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return nil
		}
		w = u.Unwrap()
	}
	return w
}
