package django_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A handler that takes too long is answered 503 by http.TimeoutHandler: inside of
// the middleware or around it, nothing is saved of what it did.
func TestTimeoutHandler(t *testing.T) {
	for _, inside := range []bool{true, false} {
		for _, slow := range []bool{false, true} {
			st := newSite(t, nil)
			st.put(validKey, `{"a":1}`)
			ended := make(chan struct{})
			var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				must(t, st.get(r).Set("b", 1))
				if slow {
					<-r.Context().Done()
				}
			})
			if inside {
				h = st.Middleware(http.TimeoutHandler(closing(ended, h), timeoutOf(slow), ""))
			} else {
				h = http.TimeoutHandler(closing(ended, st.Middleware(h)), timeoutOf(slow), "")
			}
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Cookie", "sessionid="+validKey)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			<-ended
			if slow {
				check(t, "the status", w.Code, http.StatusServiceUnavailable)
				check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
				check(t, "what is stored", st.data(validKey), `{"a":1}`)
			} else {
				check(t, "the status", w.Code, http.StatusOK)
				check(t, "Set-Cookie is there", w.Header().Get("Set-Cookie") != "", true)
				check(t, "what is stored", st.data(validKey), `{"a":1,"b":1}`)
			}
		}
	}
}

func timeoutOf(slow bool) time.Duration {
	if slow {
		return 20 * time.Millisecond
	}
	return time.Minute
}

func closing(done chan struct{}, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		h.ServeHTTP(w, r)
	})
}

// Under a writer that cannot flush, as http.TimeoutHandler's, the handler finds
// that out, and a try to flush sends no headers.
func TestWriterThatCannotFlush(t *testing.T) {
	st := newSite(t, nil)
	w := httptest.NewRecorder()
	http.TimeoutHandler(st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := w.(http.Flusher); ok {
			t.Error("it says that it can flush")
		}
		if err := http.NewResponseController(w).Flush(); err == nil {
			t.Error("it flushed")
		}
		must(t, st.get(r).Set("a", 1))
		w.WriteHeader(http.StatusAccepted)
	})), time.Minute, "").ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	check(t, "the status", w.Code, http.StatusAccepted)
	check(t, "cookies", len(w.Result().Cookies()), 1)
	check(t, "sessions", len(st.keys()), 1)
}
