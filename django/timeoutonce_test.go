package django_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/djsession/djsession/django"
)

// WithTimeout bounds waiting for the slot and the save together.
func TestTimeoutBoundsTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &pausingStore{save: 190 * time.Millisecond}
		ss := newSlowSessions(t, store, django.WithTimeout(200*time.Millisecond))
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "sessionid="+validKey)
		start := time.Now()
		var wg sync.WaitGroup
		ss.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, _ := ss.Get(r)
			must(t, s.Set("b", 1))
			wg.Go(func() { _ = s.Save(context.Background()) })
			synctest.Wait()
			must(t, s.Set("c", 1))
		})).ServeHTTP(httptest.NewRecorder(), r)
		if d := time.Since(start); d > 200*time.Millisecond {
			t.Errorf("the commit took %v with WithTimeout(200ms)", d)
		}
		wg.Wait()
	})
}

// WithTimeout bounds a load that waits for another goroutine's.
func TestTimeoutBoundsTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &pausingStore{load: 190 * time.Millisecond}
		ss := newSlowSessions(t, store, django.WithTimeout(200*time.Millisecond))
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "sessionid="+validKey)
		ss.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var wg sync.WaitGroup
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(r.Context(), 180*time.Millisecond)
				defer cancel()
				_, _ = ss.FromContext(ctx)
			})
			synctest.Wait()
			start := time.Now()
			_, _ = ss.Get(r)
			if d := time.Since(start); d > 200*time.Millisecond {
				t.Errorf("Get took %v", d)
			}
			wg.Wait()
		})).ServeHTTP(httptest.NewRecorder(), r)
	})
}
