package response

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
)

// Answer answers a request by f, or by fallback if f writes nothing or panics, so that an
// error handler that only logs does not turn an error into 200. The answer is sent when
// it is complete, with its length, so that it reaches the client even if the handler that
// it replaces never returns.
func Answer(w http.ResponseWriter, f, fallback func(http.ResponseWriter)) {
	a := &answer{w: w}
	before := w.Header().Clone()
	returned := false
	defer a.send() // also if fallback panics
	defer func() {
		if !returned || a.status == 0 {
			a.status = 0
			a.body.Reset()
			restore(w.Header(), before)
			fallback(a)
		}
	}()
	f(a)
	returned = true
}

// answer is the ResponseWriter of Answer.
type answer struct {
	w      http.ResponseWriter
	status int // 0 until something is written
	body   bytes.Buffer
}

func (a *answer) send() {
	h := a.w.Header()
	if a.bodyAllowed() && h.Get("Transfer-Encoding") == "" && h.Get("Content-Encoding") == "" {
		h.Set("Content-Length", strconv.Itoa(a.body.Len()))
	}
	a.w.WriteHeader(a.status)
	_, _ = a.w.Write(a.body.Bytes())
	_ = http.NewResponseController(a.w).Flush()
}

func (a *answer) Header() http.Header { return a.w.Header() }

func (a *answer) WriteHeader(status int) {
	switch {
	case status < 100 || status > 999:
		panic(fmt.Sprintf("invalid WriteHeader code %d", status)) // as net/http does
	case status >= 200 && a.status == 0:
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if !a.bodyAllowed() {
		return 0, http.ErrBodyNotAllowed
	}
	return a.body.Write(b)
}

func (a *answer) bodyAllowed() bool {
	return a.status != http.StatusNoContent && a.status != http.StatusNotModified
}
