package django_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/djsession/djsession/django"
)

// stuffed prepares a response that must not be seen.
func stuffed(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Length", "6")
	h.Set("ETag", `"abc"`)
	h.Set("Location", "/account")
	h.Set("Cache-Control", "public, max-age=3600")
	h.Add("Set-Cookie", "other=1")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write([]byte("secret"))
}

// A store that fails answers 503, and an expiry that makes no sense 500, in place of whatever the handler had prepared,
// and keeps what an outer middleware set.
func TestStoreFailureReplacesTheResponse(t *testing.T) {
	tests := []struct {
		name   string
		method string
		status int
		do     func(*testing.T, *site, *http.Request)
	}{
		{"load", "Load", 503, func(t *testing.T, st *site, r *http.Request) {
			for range 2 {
				if s, err := st.Get(r); s != nil || !errors.Is(err, errDown) {
					t.Errorf("Get gave %v, %v", s, err)
				}
				st.store.on("Load", nil) // the error stays for the whole request
			}
		}},
		{"commit", "Save", 503, func(t *testing.T, st *site, r *http.Request) { must(t, st.get(r).Set("b", 1)) }},
		{"create", "Create", 503, func(t *testing.T, st *site, r *http.Request) {
			must(t, st.get(r).Flush(r.Context()))
			must(t, st.get(r).Set("b", 1))
		}},
		{"expiry", "", 500, func(t *testing.T, st *site, r *http.Request) { must(t, st.get(r).Set("_session_expiry", "soon")) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st := newSite(t, nil)
			st.put(validKey, `{"a":1}`)
			if tt.method != "" {
				st.store.fail(tt.method, errDown)
			}
			outer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Outer", "kept")
				w.Header().Set("Content-Type", "text/html")
				st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					tt.do(t, st, r)
					w.Header().Del("X-Outer")
					stuffed(w)
				})).ServeHTTP(w, r)
			})
			r := httptest.NewRequest("POST", "/", nil)
			r.Header.Set("Cookie", "sessionid="+validKey)
			w := httptest.NewRecorder()
			outer.ServeHTTP(w, r)
			check(t, "the status", w.Code, tt.status)
			check(t, "the body", w.Body.String(), http.StatusText(tt.status)+"\n")
			check(t, "X-Outer", w.Header().Get("X-Outer"), "kept")
			check(t, "Content-Type", w.Header().Get("Content-Type"), "text/plain; charset=utf-8")
			check(t, "Cache-Control", w.Header().Get("Cache-Control"), "no-store")
			check(t, "Content-Length", w.Header().Get("Content-Length"), strconv.Itoa(w.Body.Len()))
			for _, name := range []string{"ETag", "Location", "Set-Cookie"} {
				if got := w.Header().Values(name); len(got) > 0 {
					t.Errorf("%s is %q", name, got)
				}
			}
			if log := st.logs.String(); !strings.Contains(log, "level=ERROR") || strings.Count(log, "level=ERROR") != 1 {
				t.Errorf("the log is %q", log)
			}
		})
	}
}

// A session that was deleted meanwhile answers 400 and is not created again.
func TestDeletedMeanwhileAnswers400(t *testing.T) {
	for _, every := range []bool{false, true} {
		st := newSite(t, func(s *django.Settings) { s.SessionSaveEveryRequest = every })
		st.put(validKey, `{"a":1}`)
		other := st.other()
		w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
			s := st.get(r)
			must(t, other.Delete(r.Context(), validKey))
			if !every {
				must(t, s.Set("b", 1))
			}
			stuffed(w)
		})
		check(t, "the status", w.Code, http.StatusBadRequest)
		check(t, "the body", w.Body.String(), "Bad Request\n")
		check(t, "Set-Cookie", len(w.Header().Values("Set-Cookie")), 0)
		check(t, "the number of sessions", len(st.keys()), 0)
	}
}

// A handler that only read the session is not disturbed by its end.
func TestDeletedMeanwhileAndOnlyRead(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		st.get(r).Get("a")
		must(t, st.other().Delete(r.Context(), validKey))
	})
	check(t, "the status", w.Code, http.StatusOK)
}

func TestCustomErrorHandler(t *testing.T) {
	var got error
	st := newSite(t, nil, django.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, err error) {
		got = err
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, r.URL.Path)
	}))
	st.store.fail("Load", errDown)
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		_, _ = st.Get(r)
		stuffed(w)
	})
	check(t, "the status", w.Code, http.StatusTeapot)
	check(t, "the body", w.Body.String(), "/")
	check(t, "Retry-After", w.Header().Get("Retry-After"), "5")
	check(t, "ETag", w.Header().Get("ETag"), "")
	if !errors.Is(got, errDown) {
		t.Errorf("the handler got %v", got)
	}
}

// HandleError answers and logs an error once, whether it is the session's own,
// which the middleware answers anyway, or of something beside it.
func TestHandleError(t *testing.T) {
	for name, prepare := range map[string]func(*site){
		"load":  func(st *site) { st.store.fail("Load", errDown) },
		"flush": func(st *site) { st.store.fail("Delete", errDown) },
		"users": func(*site) {},
	} {
		t.Run(name, func(t *testing.T) {
			answers := 0
			st := newSite(t, nil, django.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, err error) {
				answers++
				django.DefaultErrorHandler(w, r, err)
			}))
			st.put(validKey, `{"a":1}`)
			prepare(st)
			w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
				s, err := st.Get(r)
				if err == nil && name == "flush" {
					err = s.Flush(r.Context())
				}
				if name == "users" {
					err = errDown
				}
				st.HandleError(w, r, err)
			})
			check(t, "the status", w.Code, http.StatusServiceUnavailable)
			check(t, "answers", answers, 1)
			check(t, "log lines", strings.Count(st.logs.String(), errDown.Error()), 1)
		})
	}
}

// What a failed handler still writes, flushes or copies goes nowhere, without an
// error that would make a reverse proxy cut the connection.
func TestAfterAFailureNothingFollows(t *testing.T) {
	st := newSite(t, nil)
	st.store.fail("Load", errDown)
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		_, _ = st.Get(r)
		for range 2 {
			n, err := w.Write([]byte("hello"))
			check(t, "written", n, 5)
			must(t, err)
			must(t, http.NewResponseController(w).Flush())
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusOK)
		}
	})
	check(t, "the status", w.Code, http.StatusServiceUnavailable)
	check(t, "the body", w.Body.String(), "Service Unavailable\n")
}

// A panic saves nothing and reaches the server as it is.
func TestPanicSavesNothing(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	for _, v := range []any{"boom", http.ErrAbortHandler} {
		func() {
			defer func() { check(t, "the panic", recover(), v) }()
			st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
				must(t, st.get(r).Set("b", 1))
				panic(v)
			})
		}()
	}
	check(t, "what is stored", st.data(validKey), `{"a":1}`)
}

// A client that has gone is no reason not to save; its context's deadline is.
func TestClientGone(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, "GET", "/", nil)
	r.Header.Set("Cookie", "sessionid="+validKey)
	st.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		must(t, st.get(r).Set("b", 1))
		cancel()
	})).ServeHTTP(httptest.NewRecorder(), r)
	check(t, "what is stored", st.data(validKey), `{"a":1,"b":1}`)

	synctest.Test(t, func(t *testing.T) {
		st := newSite(t, nil)
		st.put(validKey, `{"a":1}`)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, "GET", "/", nil)
		r.Header.Set("Cookie", "sessionid="+validKey)
		w := httptest.NewRecorder()
		st.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			must(t, st.get(r).Set("b", 2))
			<-ctx.Done()
		})).ServeHTTP(w, r)
		check(t, "the status", w.Code, http.StatusServiceUnavailable)
		check(t, "what is stored", st.data(validKey), `{"a":1}`)
	})
}

// A handler that saves by itself gets the cookie without a second save.
func TestHandlerSaves(t *testing.T) {
	st := newSite(t, nil)
	var key string
	w := st.serve("", func(_ http.ResponseWriter, r *http.Request) {
		s := st.get(r)
		must(t, s.Set("a", 1))
		must(t, s.Save(r.Context()))
		key = s.Key()
	})
	check(t, "calls", st.store.count(), "Create")
	if !strings.HasPrefix(w.Header().Get("Set-Cookie"), "sessionid="+key+";") {
		t.Error("the new key was not sent")
	}
}
