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
		w, stored, _ := underTimeout(t, inside, false, 10*time.Minute)
		check(t, "the status", w.Code, http.StatusOK)
		check(t, "Set-Cookie is there", w.Header().Get("Set-Cookie") != "", true)
		check(t, "what is stored", stored, `{"a":1,"b":1}`)

		// On a busy machine the time may be over before the session is there.
		for timeout, changed := 20*time.Millisecond, false; !changed; timeout *= 2 {
			w, stored, changed = underTimeout(t, inside, true, timeout)
			check(t, "the status", w.Code, http.StatusServiceUnavailable)
			check(t, "Set-Cookie", w.Header().Get("Set-Cookie"), "")
			check(t, "what is stored", stored, `{"a":1}`)
		}
	}
}

// underTimeout serves a request whose handler changes the session, if it gets it in time,
// and returns the answer, what is stored after it, and whether the session was changed.
func underTimeout(t *testing.T, inside, slow bool, timeout time.Duration) (w *httptest.ResponseRecorder, stored string, changed bool) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	ended := make(chan struct{})
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s, err := st.Get(r); err == nil {
			changed = s.Set("b", 1) == nil
		}
		if slow {
			<-r.Context().Done()
		}
	})
	if inside {
		h = st.Middleware(http.TimeoutHandler(closing(ended, h), timeout, ""))
	} else {
		h = http.TimeoutHandler(closing(ended, st.Middleware(h)), timeout, "")
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "sessionid="+validKey)
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	<-ended
	return w, st.data(validKey), changed
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
