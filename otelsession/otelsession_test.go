package otelsession_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"

	"github.com/djsession/djsession/django"
)

// A visitor's requests: the operations are spans of their request.
func TestRequests(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		count := func(_ http.ResponseWriter, r *http.Request) {
			must(t, s.UpdateRequest(r, func(session *django.Session) error {
				n, err := django.Value(session, "n", 0)
				if err != nil {
					return err
				}
				return session.Set("n", n+1)
			}))
		}
		key := s.serve("", count)
		s.serve(key, count)
		s.serve(key, func(http.ResponseWriter, *http.Request) {}) // does not use its session
		s.serve("unknownunknownunknownunknown0000", func(_ http.ResponseWriter, r *http.Request) {
			_, err := s.Get(r)
			must(t, err)
		})
		s.serve("shorty", func(_ http.ResponseWriter, r *http.Request) {
			_, err := s.Get(r)
			must(t, err)
		})
		must(t, s.Delete(t.Context(), key))
		equal(t, s.traces(),
			"request > session create ok 1",
			"request > session load ok",
			"request > session save ok 1",
			"request > session load not_found",
			"request > session load impossible_key",
			"session delete ok")
		want := map[string]int{"create ok": 1, "load ok": 1, "save ok": 1, "load not_found": 1, "load impossible_key": 1, "delete ok": 1}
		if got := s.metrics(); !maps.Equal(got, want) {
			t.Errorf("metrics %v, want %v", got, want)
		}
		for _, span := range s.spans.GetSpans() {
			if span.Status.Code != codes.Unset {
				t.Errorf("%s: the visitor is no reason for the status %v", span.Name, span.Status)
			}
		}
	})
}

// A save that meets another writer's.
func TestMerge(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.stored()
		s.serve(key, func(_ http.ResponseWriter, r *http.Request) {
			mine, err := s.Get(r)
			must(t, err)
			must(t, mine.Set("mine", payload))
			other, err := s.Load(r.Context(), key)
			must(t, err)
			must(t, other.Set("other", payload))
			must(t, other.Save(r.Context()))
		})
		equal(t, s.traces(),
			"request > session load ok",
			"request > session load ok",
			"request > session save ok 1",
			"request > session save merged 2")
	})
}

// A session that is deleted while a request changes it.
func TestInterrupted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.stored()
		s.serve(key, func(_ http.ResponseWriter, r *http.Request) {
			session, err := s.Get(r)
			must(t, err)
			must(t, session.Set("a", 2))
			must(t, s.Delete(r.Context(), key))
		})
		equal(t, s.traces(),
			"request > session load ok",
			"request > session delete ok",
			"request > session save interrupted 1 interrupted")
	})
}

func TestClearExpired(t *testing.T) {
	inSQLite(t, func(t *testing.T, s *site) {
		s.db.MustExec("DELETE FROM django_session")
		s.stored()
		s.db.MustExec("UPDATE django_session SET expire_date = '2001-01-01 00:00:00'")
		_, err := s.ClearExpired(t.Context())
		must(t, err)
		equal(t, s.traces(), "session clear_expired ok 1")
	})
}

func TestStoreDown(t *testing.T) {
	inSQLite(t, func(t *testing.T, s *site) {
		key := s.stored()
		s.db.MustExec("DROP TABLE django_session")
		s.serve(key, func(w http.ResponseWriter, r *http.Request) {
			_, err := s.Get(r)
			s.HandleError(w, r, err)
		})
		equal(t, s.traces(), "request > session load failed *sqlite.Error")
		span := s.spans.GetSpans()[0]
		if span.Status.Code != codes.Error || span.Status.Description == "" {
			t.Errorf("the status is %v", span.Status)
		}
	})
}

func TestTimeout(t *testing.T) {
	inSQLite(t, func(t *testing.T, s *site) {
		key := s.stored()
		ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
		defer cancel()
		if _, err := s.Load(ctx, key); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		equal(t, s.traces(), "session load timeout timeout")
	})
}

func TestCorrupt(t *testing.T) {
	inSQLite(t, func(t *testing.T, s *site) {
		key := s.stored()
		s.db.MustExec("UPDATE django_session SET session_data = 'tampered' || session_data WHERE session_key = ?", key)
		s.secrets = append(s.secrets, "tampered")
		s.serve(key, func(w http.ResponseWriter, r *http.Request) {
			_, err := s.Get(r)
			s.HandleError(w, r, err)
		})
		equal(t, s.traces(), "request > session load unreadable unreadable")
	})
}
