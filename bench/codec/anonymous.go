package codec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

const (
	bare       = "bare handler"
	wrapped    = "in the middleware"
	difference = "the middleware alone"
)

// anonymous measures a request without a session cookie, whose handler asks whether
// somebody is logged in.
func (b *bench) anonymous(settings django.Settings) error {
	loads := 0
	sessions, err := django.New(settings, watched{memstore.New(), &loads})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(b.ctx, http.MethodGet, "http://example.com/", nil)
	if err != nil {
		return err
	}
	var failed error
	handler := sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := sessions.Get(r)
		if err != nil || s.Has("_auth_user_id") {
			failed = errors.Join(err, errors.New("somebody is logged in"))
		}
		_, _ = io.WriteString(w, "hello")
	}))
	tasks := []task{
		{bare, serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }), request)},
		{wrapped, serve(handler, request)},
	}
	row, err := b.time("anonymous request that reads the session", ways(tasks)...)
	if err != nil {
		return err
	}
	above(row, 0.5)
	if err := b.allocations("anonymous request that reads the session", nil, tasks...); err != nil {
		return err
	}
	above(&b.rows[len(b.rows)-1], 3)
	if loads > 0 {
		failed = errors.Join(failed, fmt.Errorf("the store was asked %d times", loads))
	}
	return failed
}

// above adds what the middleware costs beyond the handler, and its goal.
func above(row *measure.Row, atMost float64) {
	v := measure.Variant{Name: difference}
	for i, with := range row.Find(wrapped).Rounds {
		v.Rounds = append(v.Rounds, with-row.Find(bare).Rounds[i])
	}
	row.Variants = append(row.Variants, v)
	row.Goals = []measure.Goal{{Of: difference, AtMost: atMost}}
}

// serve has h answer the same request again and again.
func serve(h http.Handler, r *http.Request) func() error {
	w := response{http.Header{}}
	return func() error {
		clear(w.header)
		h.ServeHTTP(w, r)
		return nil
	}
}

// response is a ResponseWriter that costs nothing.
type response struct{ header http.Header }

func (r response) Header() http.Header                { return r.header }
func (response) WriteHeader(int)                      {}
func (response) Write(p []byte) (int, error)          { return len(p), nil }
func (response) WriteString(text string) (int, error) { return len(text), nil }

// watched is an engine that counts loads.
type watched struct {
	*memstore.Engine
	loads *int
}

// Open implements django.Engine.
func (e watched) Open(site django.Site) (django.Store, error) {
	store, err := e.Engine.Open(site)
	return watchedStore{store, e.loads}, err
}

type watchedStore struct {
	django.Store
	loads *int
}

// Load implements django.Store.
func (s watchedStore) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	*s.loads++
	return s.Store.Load(ctx, key, now)
}
