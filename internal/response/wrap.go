package response

import (
	"bufio"
	"net"
	"net/http"
)

// Wrap returns p with those optional interfaces that the original has, so that
// a handler's type assertions find what is really there.
func (p *Response) Wrap() http.ResponseWriter {
	kind := 0
	for i, there := range [...]bool{
		p.flushes(),
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
		return withFlush{p}
	case 2:
		return withHijack{p}
	case 3:
		return withFlushHijack{withFlush{p}}
	case 4:
		return withPush{p}
	case 5:
		return withFlushPush{withFlush{p}}
	case 6:
		return withHijackPush{withHijack{p}}
	case 7:
		return withFlushHijackPush{withFlushHijack{withFlush{p}}}
	case 8:
		return withNotify{p}
	case 9:
		return withFlushNotify{withFlush{p}}
	case 10:
		return withHijackNotify{withHijack{p}}
	case 11: // HTTP/1.1
		return withFlushHijackNotify{withFlushHijack{withFlush{p}}}
	case 12:
		return withPushNotify{withPush{p}}
	case 13: // HTTP/2
		return withFlushPushNotify{withFlushPush{withFlush{p}}}
	case 14:
		return withHijackPushNotify{withHijackPush{withHijack{p}}}
	case 15:
		return withFlushHijackPushNotify{withFlushHijackPush{withFlushHijack{withFlush{p}}}}
	}
	return p
}

// One type for each combination, each of which adds one method to another one. All are a
// single pointer, which takes no memory of its own as a ResponseWriter.
type (
	withFlush                 struct{ *Response }
	withHijack                struct{ *Response }
	withFlushHijack           struct{ withFlush }
	withPush                  struct{ *Response }
	withFlushPush             struct{ withFlush }
	withHijackPush            struct{ withHijack }
	withFlushHijackPush       struct{ withFlushHijack }
	withNotify                struct{ *Response }
	withFlushNotify           struct{ withFlush }
	withHijackNotify          struct{ withHijack }
	withFlushHijackNotify     struct{ withFlushHijack }
	withPushNotify            struct{ withPush }
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
func (x withFlushHijackNotify) CloseNotify() <-chan bool                    { return x.closeNotify() }
func (x withPushNotify) CloseNotify() <-chan bool                           { return x.closeNotify() }
func (x withFlushPushNotify) CloseNotify() <-chan bool                      { return x.closeNotify() }
func (x withHijackPushNotify) CloseNotify() <-chan bool                     { return x.closeNotify() }
func (x withFlushHijackPushNotify) CloseNotify() <-chan bool                { return x.closeNotify() }

func (p *Response) flushes() bool {
	return has[http.Flusher](p.w) || has[interface{ FlushError() error }](p.w)
}

func (p *Response) push(target string, opts *http.PushOptions) error {
	w, _ := find[http.Pusher](p.w)
	return w.Push(target, opts)
}

func (p *Response) closeNotify() <-chan bool {
	//lint:ignore SA1019 see Wrap
	w, _ := find[http.CloseNotifier](p.w)
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
