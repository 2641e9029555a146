package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/serializer"
)

// formArgs are the arguments of the calls about CSRF.
type formArgs struct {
	httpArgs
	Exempt  bool            `json:"exempt"`
	Session json.RawMessage `json:"session"` // the value of _csrftoken, or null
	Live    int             `json:"live"`
	Do      []string        `json:"doing"`

	Status  int         `json:"status"`
	Answer  http.Header `json:"answer"`
	Content []byte      `json:"content"`
	Abort   bool        `json:"abort"`
}

// liveForm is a request whose handler, or error handler, runs in a goroutine and waits
// for commands: calls of Django's view.
type liveForm struct {
	site     *site
	key      string // of its session
	exempt   bool
	commands chan func(http.ResponseWriter, *http.Request) (again bool)
	entered  chan struct{}
	done     chan struct{}
	rec      *httptest.ResponseRecorder
	refused  *csrf.Error
	logged   []map[string]string
	failed   error
	panicked any
}

type liveKey struct{}

var (
	liveForms    = map[int]*liveForm{}
	lastLiveForm int
)

func liveOf(r *http.Request) *liveForm { return r.Context().Value(liveKey{}).(*liveForm) }

// formLog is a slog.Handler that keeps the records of each liveForm there.
type formLog struct{ logCatcher }

func (*formLog) WithAttrs([]slog.Attr) slog.Handler {
	panic("bridge: csrf is not expected to call WithAttrs")
}
func (*formLog) Handle(ctx context.Context, r slog.Record) error {
	l := ctx.Value(liveKey{}).(*liveForm)
	l.logged = append(l.logged, recordOf(r))
	return nil
}

func (s *site) protection() (*csrf.Protection, error) {
	if s.forms == nil {
		var err error
		s.forms, err = csrf.New(s.inMemory, csrf.WithLogger(slog.New(&formLog{})),
			csrf.WithExempt(func(r *http.Request) bool { return liveOf(r).exempt }),
			csrf.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, err error) {
				l := liveOf(r)
				l.refused = err.(*csrf.Error)
				l.serve(w, r)
			}))
		if err != nil {
			s.forms = nil
			return nil, err
		}
	}
	return s.forms, nil
}

func (l *liveForm) serve(w http.ResponseWriter, r *http.Request) {
	close(l.entered)
	for f := range l.commands {
		if !f(w, r) {
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// do calls f in the handler, which ends if f returns false.
func (l *liveForm) do(f func(http.ResponseWriter, *http.Request) bool) {
	did := make(chan struct{})
	select {
	case l.commands <- func(w http.ResponseWriter, r *http.Request) bool { defer close(did); return f(w, r) }:
		<-did
	case <-l.done:
		fail("the request is over: %v", l.panicked)
	}
}

// begin sends a request and returns once its handler or the error handler runs.
func begin(c *call, a *formArgs) (*liveForm, error) {
	site := c.site()
	p, err := site.protection()
	if err != nil {
		return nil, err
	}
	lastLiveForm++
	l := &liveForm{
		site: site, exempt: a.Exempt, rec: httptest.NewRecorder(), entered: make(chan struct{}), done: make(chan struct{}),
		commands: make(chan func(http.ResponseWriter, *http.Request) bool),
		key:      fmt.Sprintf("form%028d", lastLiveForm),
	}
	if site.spec.UseSessions {
		d := new(serializer.Dict)
		if len(a.Session) > 0 && string(a.Session) != "null" {
			d = dictFromPython(`{"_csrftoken":` + string(a.Session) + `}`)
		}
		site.memory.put(l.key, d)
		a.Cookies = append(a.Cookies, [2]string{site.settings.SessionCookieName, l.key})
	}
	r := a.request(context.WithValue(context.Background(), liveKey{}, l))
	go func() {
		defer close(l.done)
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				l.panicked = p
			}
		}()
		site.inMemory.Middleware(p.Middleware(http.HandlerFunc(l.serve))).ServeHTTP(l.rec, r)
	}()
	select {
	case <-l.entered:
		return l, nil
	case <-l.done:
	}
	if l.panicked != nil {
		panic(l.panicked)
	}
	if l.failed == nil {
		fail("the middleware called neither the handler nor the error handler; it answered %d", l.rec.Code)
	}
	return nil, l.failed
}

// reasons are the names of Django's constants, or BAD_COOKIE and BAD_TOKEN.
var reasons = map[csrf.Reason]string{
	csrf.ReasonBadOrigin: "REASON_BAD_ORIGIN", csrf.ReasonNoReferer: "REASON_NO_REFERER", csrf.ReasonMalformedReferer: "REASON_MALFORMED_REFERER",
	csrf.ReasonInsecureReferer: "REASON_INSECURE_REFERER", csrf.ReasonBadReferer: "REASON_BAD_REFERER",
	csrf.ReasonNoCookie: "REASON_NO_CSRF_COOKIE", csrf.ReasonBadCookie: "BAD_COOKIE", csrf.ReasonTokenMissing: "REASON_CSRF_TOKEN_MISSING",
	csrf.ReasonBadToken: "BAD_TOKEN",
}

func (l *liveForm) verdict() map[string]any {
	v := map[string]any{"refused": nil, "logged": list(l.logged)}
	if l.refused != nil {
		rec := httptest.NewRecorder()
		csrf.DefaultErrorHandler(rec, httptest.NewRequest("POST", "/", nil), l.refused)
		v["refused"] = map[string]any{"reason": reasons[l.refused.Reason], "text": l.refused.Error(), "status": rec.Code}
	}
	return v
}

func csrfBegin(c *call) (any, error) {
	l, err := begin(c, argsOf[formArgs](c))
	if err != nil {
		return nil, err
	}
	liveForms[lastLiveForm] = l
	v := l.verdict()
	v["live"] = lastLiveForm
	return v, nil
}
