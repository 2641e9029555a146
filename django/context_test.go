package django_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"
)

// The request's context says the same before and after somebody has asked for Done, and
// after the request what it said at its end.
func TestRequestContext(t *testing.T) {
	st := newSite(t, nil)
	st.serve("", func(w http.ResponseWriter, r *http.Request) {
		st.store.fail("Create", errDown)
		must(t, st.get(r).Set("b", 1))
		check(t, "Err before the failure", r.Context().Err(), nil)
		_, _ = io.WriteString(w, "x")
		for range 2 {
			check(t, "Err", r.Context().Err(), context.Canceled)
			check(t, "Cause", context.Cause(r.Context()), errDown)
			<-r.Context().Done()
		}
	})

	ctx, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	<-ctx.Done()
	var late context.Context
	st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		late = r.Context()
		check(t, "Err in the handler", late.Err(), context.DeadlineExceeded)
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	check(t, "Err afterwards", late.Err(), context.DeadlineExceeded)
	<-late.Done()
}

// Contexts that are derived from the request's end with it, without a goroutine.
func TestDerivedContexts(t *testing.T) {
	st := newSite(t, nil)
	st.store.fail("Load", errDown)
	st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		called := make(chan struct{})
		stop := context.AfterFunc(ctx, func() { close(called) })
		defer stop()
		detached := context.WithoutCancel(r.Context())
		_, _ = st.Get(r)
		_, _ = io.WriteString(w, "x")
		<-ctx.Done()
		<-called
		check(t, "Cause", context.Cause(ctx), errDown)
		check(t, "Err of the detached context", detached.Err(), nil)
	})
}

// alien is a context that is not of package context, as other servers have.
type alien struct {
	context.Context
	done chan struct{}
}

func (a alien) Done() <-chan struct{} { return a.done }

// After the request nothing hangs on to the server's context.
func TestContextAfterTheRequest(t *testing.T) {
	st := newSite(t, nil)
	parent := alien{t.Context(), make(chan struct{})}
	before := runtime.NumGoroutine()
	for range 100 {
		var ctx context.Context
		st.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { ctx = r.Context() })).
			ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(parent, "GET", "/", nil))
		<-ctx.Done()
		check(t, "Err", ctx.Err(), context.Canceled)
	}
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine()-before > 50; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines are left", runtime.NumGoroutine()-before)
		}
	}
}
