package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"

	"github.com/djsession/djsession/django"
)

func init() {
	register(map[string]operation{
		"request":         serveRequest,
		"request.session": requestSession,
		"respond":         respond,
	})
}

var (
	live        = map[int]*liveRequest{} // the requests whose handlers are running
	lastRequest int
)

type liveRequest struct {
	site   *site
	r      *http.Request
	handle *handle
}

// viewAnswer is the response of Django's view.
type viewAnswer struct {
	Status  int         `json:"status"`
	Headers http.Header `json:"headers"`
	Body    []byte      `json:"body"`
	Raised  bool        `json:"raised"`
}

// serveRequest sends a request through the middleware. The handler calls Django's view.
func serveRequest(c *call) (any, error) {
	site := c.site()
	site.failed = nil
	lastRequest++
	id := lastRequest
	q := &liveRequest{site: site}
	rec, raised := through(site, newRequest(c, c.args.Cookie, c.args.HasCookie), func(w http.ResponseWriter, r *http.Request) {
		q.r = r
		live[id] = q
		var a viewAnswer
		if err := json.Unmarshal(ask("view", map[string]any{"request": id}), &a); err != nil {
			fail("view: %v", err)
		}
		if a.Raised {
			panic(http.ErrAbortHandler)
		}
		maps.Copy(w.Header(), a.Headers)
		w.WriteHeader(a.Status)
		w.Write(a.Body)
	})
	delete(live, id)
	if raised {
		return nil, nil
	}
	if h := q.handle; h != nil {
		if r, ok := passed[h.s.Key()]; ok && h.s.Key() != "" && r.Version != h.base.Version {
			h.stored()
		}
	}
	return response(site, rec), nil
}

func newRequest(c *call, cookie string, has bool) *http.Request {
	r := httptest.NewRequest(c.args.Method, c.args.URL, nil)
	if has {
		r.Header.Set("Cookie", c.site().spec.CookieName+"="+cookie)
	}
	return r
}

// through returns the middleware's answer, or reports that the handler panicked with
// http.ErrAbortHandler.
func through(site *site, r *http.Request, h http.HandlerFunc) (rec *httptest.ResponseRecorder, raised bool) {
	rec = httptest.NewRecorder()
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler {
				panic(p)
			}
			raised = true
		}
	}()
	site.sessions.Middleware(h).ServeHTTP(rec, r)
	return rec, false
}

func response(site *site, rec *httptest.ResponseRecorder) any {
	kind := ""
	if site.failed != nil {
		kind = kindOf(site.failed)
	}
	return map[string]any{"status": rec.Code, "headers": rec.Header(), "failed": kind}
}

// requestSession is request.session: Sessions.Get, within the view.
func requestSession(c *call) (any, error) {
	q := live[c.args.Request]
	if q == nil {
		fail("request %d is not in a view", c.args.Request)
	}
	if q.site != c.site() {
		fail("the settings changed within a request")
	}
	s, err := q.site.sessions.Get(q.r)
	if err != nil {
		return nil, err
	}
	q.handle = &handle{site: q.site, s: s}
	if s.Key() != "" {
		q.handle.base = passed[s.Key()]
	}
	return hold(q.handle), nil
}

// respond is process_response for a session that the view put in place of the request's,
// or for a request that is already over. It sends a request that loads the session as it
// was stored and repeats the changes since.
func respond(c *call) (any, error) {
	site, h := c.site(), c.handle()
	site.failed = nil
	r := newRequest(c, c.args.Cookie, c.args.HasCookie)
	modified := h.isModified()
	if h.base.Key != "" {
		r = newRequest(c, h.base.Key, true)
		site.tap.seed = &h.base
	}
	var s *django.Session
	rec, _ := through(site, r, func(w http.ResponseWriter, r *http.Request) {
		s = must(site.sessions.Get(r))
		site.tap.seed = nil
		if err := h.replay(s); err != nil {
			fail("replay: %v", err)
		}
		if modified {
			s.MarkModified()
		}
		maps.Copy(w.Header(), c.args.Headers)
		w.WriteHeader(c.args.Status)
		w.Write(c.args.Body)
	})
	h.s = s
	h.accessed, h.modified = flag{set: h.isAccessed()}, flag{set: h.isModified()}
	if r, ok := passed[s.Key()]; ok && s.Key() != "" && r.Version != h.base.Version {
		h.stored()
	}
	return response(site, rec), nil
}
