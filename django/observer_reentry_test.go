package django_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

// meddler is an Observer that uses the request's session whenever it is called.
type meddler struct {
	sessions *django.Sessions
	r        *http.Request // of the handler, which an observer can keep
	session  *django.Session
	calls    int
}

func (m *meddler) use(ctx context.Context) {
	m.calls++
	_, _ = m.sessions.FromContext(ctx)
	if m.session != nil {
		m.session.Has("a")
		_ = m.session.Set("observed", m.calls)
	}
}

func (m *meddler) Start(ctx context.Context, _ django.Operation) context.Context {
	m.use(ctx)
	return ctx
}

func (m *meddler) End(ctx context.Context, e django.Event) {
	m.use(ctx)
	if _, err := m.sessions.Get(m.r); err != nil && !errors.Is(err, errDown) {
		panic(err)
	}
	if m.session != nil && e.Operation == django.OpSave && m.calls < 10 {
		_ = m.session.Save(ctx) // which is observed too
	}
}

// An observer that asks for the session, changes or saves it waits for nobody.
func TestObserverThatUsesTheSession(t *testing.T) {
	m := new(meddler)
	st := newSite(t, nil, django.WithObserver(m), django.WithTimeout(time.Hour))
	m.sessions = st.Sessions
	st.put(validKey, `{"a":1}`)
	st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
		m.r = r
		m.session = st.get(r)
		must(t, m.session.Set("b", 1))
		must(t, m.session.Save(r.Context()))
		must(t, st.UpdateRequest(r, func(s *django.Session) error { return s.Set("c", 1) }))
		must(t, m.session.Flush(r.Context()))
		must(t, m.session.Set("d", 1))
	})
	if m.calls < 10 {
		t.Errorf("the observer was called %d times", m.calls)
	}
}
