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
	for i, found := range [...]bool{
		p.flushes(),
		has[http.Hijacker](p.w),
		has[http.Pusher](p.w),
		//lint:ignore SA1019 gin uses it
		has[http.CloseNotifier](p.w),
	} {
		if found {
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
	w, _ := find[http.Pusher](p.w)
	return w.Push(target, opts)
}

func (p *Response) closeNotify() <-chan bool {
	//lint:ignore SA1019 see Wrap
	w, _ := find[http.CloseNotifier](p.w)
	return w.CloseNotify()
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
