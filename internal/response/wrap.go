package response

import (
	"bufio"
	"net"
	"net/http"
)

// Wrap returns p with those optional interfaces that the original has, so that
// a handler's type assertions find what is really there.
func (p *Response) Wrap() http.ResponseWriter {
	f, h, c := flusher{p}, hijacker{p}, closeNotifier{p}
	u := pusher{p}
	kind := 0
	for i, there := range []bool{
		has[http.Flusher](p.w) || has[interface{ FlushError() error }](p.w),
		has[http.Hijacker](p.w),
		has[http.Pusher](p.w),
		//lint:ignore SA1019 gin uses it
		has[http.CloseNotifier](p.w),
	} {
		if there {
			kind |= 1 << i
		}
	}
	switch kind {
	case 1:
		return struct {
			*Response
			flusher
		}{p, f}
	case 2:
		return struct {
			*Response
			hijacker
		}{p, h}
	case 3:
		return struct {
			*Response
			flusher
			hijacker
		}{p, f, h}
	case 4:
		return struct {
			*Response
			pusher
		}{p, u}
	case 5:
		return struct {
			*Response
			flusher
			pusher
		}{p, f, u}
	case 6:
		return struct {
			*Response
			hijacker
			pusher
		}{p, h, u}
	case 7:
		return struct {
			*Response
			flusher
			hijacker
			pusher
		}{p, f, h, u}
	case 8:
		return struct {
			*Response
			closeNotifier
		}{p, c}
	case 9:
		return struct {
			*Response
			flusher
			closeNotifier
		}{p, f, c}
	case 10:
		return struct {
			*Response
			hijacker
			closeNotifier
		}{p, h, c}
	case 11: // HTTP/1.1
		return struct {
			*Response
			flusher
			hijacker
			closeNotifier
		}{p, f, h, c}
	case 12:
		return struct {
			*Response
			pusher
			closeNotifier
		}{p, u, c}
	case 13: // HTTP/2
		return struct {
			*Response
			flusher
			pusher
			closeNotifier
		}{p, f, u, c}
	case 14:
		return struct {
			*Response
			hijacker
			pusher
			closeNotifier
		}{p, h, u, c}
	case 15:
		return struct {
			*Response
			flusher
			hijacker
			pusher
			closeNotifier
		}{p, f, h, u, c}
	}
	return p
}

// The optional interfaces, each with one method. The field has a name of its own, so
// that nothing else of a Response is promoted.
type (
	flusher       struct{ p *Response }
	hijacker      struct{ p *Response }
	pusher        struct{ p *Response }
	closeNotifier struct{ p *Response }
)

func (f flusher) Flush() { _ = f.p.FlushError() }

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) { return h.p.hijack() }

func (u pusher) Push(target string, opts *http.PushOptions) error {
	w, _ := find[http.Pusher](u.p.w)
	return w.Push(target, opts)
}

func (c closeNotifier) CloseNotify() <-chan bool {
	//lint:ignore SA1019 see Wrap
	w, _ := find[http.CloseNotifier](c.p.w)
	return w.CloseNotify()
}

func has[T any](w http.ResponseWriter) bool {
	_, ok := find[T](w)
	return ok
}

// find returns w or the writer that it wraps, in the way of http.ResponseController,
// that is a T.
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
