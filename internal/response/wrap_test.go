package response

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// quietHooks let everything pass.
type quietHooks struct{}

func (quietHooks) Commit(http.Header, int) error      { return nil }
func (quietHooks) Hijack(http.Header) (func(), error) { return func() {}, nil }
func (quietHooks) Gone() error                        { return nil }
func (quietHooks) Fail(http.ResponseWriter, error)    {}
func (quietHooks) Sealed()                            {}
func (quietHooks) Late(int)                           {}

var errHere = errors.New("reached")

// The originals: a writer alone, and what one may have besides.
type (
	flushes  struct{ called *string }
	hijacks  struct{ called *string }
	pushes   struct{ called *string }
	notifies struct{ called *string }
)

func (f flushes) Flush() { *f.called += "Flush" }
func (h hijacks) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	*h.called += "Hijack"
	return nil, nil, errHere
}
func (p pushes) Push(string, *http.PushOptions) error { *p.called += "Push"; return errHere }
func (n notifies) CloseNotify() <-chan bool           { *n.called += "CloseNotify"; return nil }

// A wrapped writer has exactly the optional interfaces of the original, in every
// combination, and each reaches the original, also through a writer in between.
func TestWrapKeepsOptionalInterfaces(t *testing.T) {
	var called string
	w := struct{ http.ResponseWriter }{httptest.NewRecorder()}
	f, h, p, n := flushes{&called}, hijacks{&called}, pushes{&called}, notifies{&called}
	type rw = http.ResponseWriter
	originals := []rw{
		w,
		struct {
			rw
			flushes
		}{w, f},
		struct {
			rw
			hijacks
		}{w, h},
		struct {
			rw
			flushes
			hijacks
		}{w, f, h},
		struct {
			rw
			pushes
		}{w, p},
		struct {
			rw
			flushes
			pushes
		}{w, f, p},
		struct {
			rw
			hijacks
			pushes
		}{w, h, p},
		struct {
			rw
			flushes
			hijacks
			pushes
		}{w, f, h, p},
		struct {
			rw
			notifies
		}{w, n},
		struct {
			rw
			flushes
			notifies
		}{w, f, n},
		struct {
			rw
			hijacks
			notifies
		}{w, h, n},
		struct {
			rw
			flushes
			hijacks
			notifies
		}{w, f, h, n},
		struct {
			rw
			pushes
			notifies
		}{w, p, n},
		struct {
			rw
			flushes
			pushes
			notifies
		}{w, f, p, n},
		struct {
			rw
			hijacks
			pushes
			notifies
		}{w, h, p, n},
		struct {
			rw
			flushes
			hijacks
			pushes
			notifies
		}{w, f, h, p, n},
	}
	wrap := func(w rw) rw {
		var p Response
		p.Start(w, quietHooks{})
		return p.Wrap()
	}
	for i, original := range originals {
		for _, wrapped := range []rw{wrap(original), wrap(unwrapper{original})} {
			t.Run(fmt.Sprintf("%04b", i), func(t *testing.T) {
				called = ""
				want := ""
				for bit, c := range []struct {
					name string
					call func() bool
				}{
					{"Flush", func() bool {
						f, ok := wrapped.(http.Flusher)
						if ok {
							f.Flush()
						}
						return ok
					}},
					{"Hijack", func() bool {
						h, ok := wrapped.(http.Hijacker)
						if ok {
							if _, _, err := h.Hijack(); !errors.Is(err, errHere) {
								t.Errorf("Hijack: %v", err)
							}
						}
						return ok
					}},
					{"Push", func() bool {
						p, ok := wrapped.(http.Pusher)
						if ok {
							if err := p.Push("/", nil); !errors.Is(err, errHere) {
								t.Errorf("Push: %v", err)
							}
						}
						return ok
					}},
					{"CloseNotify", func() bool {
						//lint:ignore SA1019 gin uses it
						n, ok := wrapped.(http.CloseNotifier)
						if ok {
							n.CloseNotify()
						}
						return ok
					}},
				} {
					has := i>>bit&1 == 1
					if c.call() != has {
						t.Errorf("%s is there: %t", c.name, !has)
					}
					if has {
						want += c.name
					}
				}
				if called != want {
					t.Errorf("called %q, want %q", called, want)
				}
			})
		}
	}
}

// unwrapper is a writer in between that only net/http's controller sees through.
type unwrapper struct{ inner http.ResponseWriter }

func (u unwrapper) Header() http.Header         { return u.inner.Header() }
func (u unwrapper) Write(b []byte) (int, error) { return u.inner.Write(b) }
func (u unwrapper) WriteHeader(status int)      { u.inner.WriteHeader(status) }
func (u unwrapper) Unwrap() http.ResponseWriter { return u.inner }

// An answer without a body, by its status, has none.
func TestAnswerWithoutBody(t *testing.T) {
	for _, status := range []int{http.StatusNoContent, http.StatusNotModified} {
		w := httptest.NewRecorder()
		Answer(w, func(w http.ResponseWriter) {
			w.WriteHeader(status)
			if n, err := w.Write([]byte("x")); n != 0 || !errors.Is(err, http.ErrBodyNotAllowed) {
				t.Errorf("%d: %d, %v", status, n, err)
			}
		}, func(http.ResponseWriter) { t.Error("the fallback was called") })
		if w.Code != status || w.Body.Len() > 0 || w.Header().Get("Content-Length") != "" {
			t.Errorf("%d: %d, %q, %v", status, w.Code, w.Body, w.Header())
		}
	}
}
