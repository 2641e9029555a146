package response

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
)

// Answer has f write the answer to a request, and fallback if f writes nothing: a
// handler of errors that only logs must not turn an error into 200. The answer is held
// back until it is complete, and then sent at once with its length, so that it reaches
// the client even if the handler that it replaces never returns.
func Answer(w http.ResponseWriter, f, fallback func(http.ResponseWriter)) {
	a := &answer{w: w}
	before := w.Header().Clone()
	defer a.send() // also if f panics
	defer func() {
		if !a.written {
			a.status = 0
			a.body.Reset()
			restore(w.Header(), before)
			fallback(a)
		}
	}()
	f(a)
	a.written = a.status != 0
}

func (a *answer) send() {
	h := a.w.Header()
	if bodyAllowed(a.status) && h.Get("Transfer-Encoding") == "" && h.Get("Content-Encoding") == "" {
		h.Set("Content-Length", strconv.Itoa(a.body.Len()))
	}
	a.w.WriteHeader(a.status)
	_, _ = a.w.Write(a.body.Bytes())
	_ = http.NewResponseController(a.w).Flush()
}

// answer is the ResponseWriter of Answer.
type answer struct {
	w       http.ResponseWriter
	status  int // 0 until something is written
	body    bytes.Buffer
	written bool // to its end
}

func (a *answer) Header() http.Header { return a.w.Header() }

func (a *answer) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %d", status)) // as net/http does
	}
	if a.status == 0 && (status < 100 || status >= 200) {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if !bodyAllowed(a.status) {
		return 0, http.ErrBodyNotAllowed
	}
	return a.body.Write(b)
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
