package response

import (
	"bufio"
	"net"
	"net/http"
)

// Wrap returns p with those optional interfaces of the original that handlers assert:
// http.Flusher, http.Hijacker and, as far as net/http's own writers combine them with
// these, http.CloseNotifier (which gin needs) and http.Pusher. http.ResponseController
// finds all others by Unwrap.
func (p *Response) Wrap() http.ResponseWriter {
	flush, hijack, push := p.flushes(), has[http.Hijacker](p.w), has[http.Pusher](p.w)
	//lint:ignore SA1019 gin uses it
	notify := has[http.CloseNotifier](p.w)
	switch {
	case flush && notify && hijack: // HTTP/1.1
		return withFlushNotifyHijack{withFlushNotify{withFlush{p}}}
	case flush && notify && push: // HTTP/2
		return withFlushNotifyPush{withFlushNotify{withFlush{p}}}
	case flush && notify:
		return withFlushNotify{withFlush{p}}
	case flush && hijack:
		return withFlushHijack{withFlush{p}}
	case flush:
		return withFlush{p}
	case hijack:
		return withHijack{p}
	}
	return p
}

// Each type adds one method to another type. All are a single pointer, which an interface
// holds without an allocation.
type (
	withFlush             struct{ *Response }
	withHijack            struct{ *Response }
	withFlushHijack       struct{ withFlush }
	withFlushNotify       struct{ withFlush }
	withFlushNotifyHijack struct{ withFlushNotify }
	withFlushNotifyPush   struct{ withFlushNotify }
)

func (x withFlush) Flush()                                                   { _ = x.FlushError() }
func (x withHijack) Hijack() (net.Conn, *bufio.ReadWriter, error)            { return x.hijack() }
func (x withFlushHijack) Hijack() (net.Conn, *bufio.ReadWriter, error)       { return x.hijack() }
func (x withFlushNotifyHijack) Hijack() (net.Conn, *bufio.ReadWriter, error) { return x.hijack() }

func (x withFlushNotify) CloseNotify() <-chan bool {
	//lint:ignore SA1019 see Wrap
	w, _ := find[http.CloseNotifier](x.w)
	return w.CloseNotify()
}

func (x withFlushNotifyPush) Push(target string, opts *http.PushOptions) error {
	w, _ := find[http.Pusher](x.w)
	return w.Push(target, opts)
}

func (p *Response) flushes() bool {
	return has[http.Flusher](p.w) || has[interface{ FlushError() error }](p.w)
}

func has[T any](w http.ResponseWriter) bool {
	_, ok := find[T](w)
	return ok
}

// find returns the T that w is or wraps, as http.ResponseController looks for it.
func find[T any](w http.ResponseWriter) (t T, ok bool) {
	for {
		if t, ok := w.(T); ok {
			return t, true
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return t, false
		}
		w = u.Unwrap()
	}
}
