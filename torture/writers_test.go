package torture

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/djsession/djsession/django"
)

// user is logged in in every shared session.
const user = "1"

// userKey is Django's SESSION_KEY.
const userKey = "_auth_user_id"

const (
	// writePatience bounds one write.
	writePatience = 30 * time.Second
	// countPatience bounds one increment, for which all goroutines compete.
	countPatience = 2 * time.Minute
)

var errAnonymous = errors.New("the session belongs to nobody")

// write sets one number after another, each in a random session and in another way than
// the last.
func (o order) write(in *opened, i int, ended <-chan struct{}) {
	name := fmt.Sprintf("%s.%d", o.Name, i)
	handler := in.Middleware(setHandler(in.Sessions))
	for n := 1; !isOver(ended); n++ {
		time.Sleep(o.Rest)
		session := rand.N(len(o.Keys))
		key := o.Keys[session]
		start := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), writePatience)
		was, err := 0, error(nil) // the number in the session before
		switch {
		case o.Role == careless && in.cache != nil:
			was, err = carelesslyCached(ctx, in.cache, key, name, n)
		case o.Role == careless:
			err = carelessly(ctx, in.db, in.Codec(), key, name, n)
		case n%4 == 0:
			was, err = loadAndSave(ctx, in.Sessions, key, name, n)
		case n%4 == 1:
			err = in.Update(ctx, key, func(s *django.Session) (err error) {
				was, err = setNumber(s, name, n)
				return err
			})
		default:
			was, err = request(ctx, handler, key, setPath(name, n))
		}
		cancel()
		if err == nil {
			sayStored(session, name, n, was, start)
			continue
		}
		slog.Error("write", "error", err)
		switch {
		case errors.Is(err, errAnonymous):
			say("anonymous")
		case in.tooBusy(err):
			say("failed")
		default:
			say("wrong")
		}
	}
}

// statusError is a request's answer with another status than 200.
type statusError int

func (e statusError) Error() string { return fmt.Sprint("status ", int(e)) }

// tooBusy reports whether an error is, or would be answered with, 503: the server did not answer in
// time. Nothing else may happen to a write on a healthy server.
func (in *opened) tooBusy(err error) bool {
	if status := statusError(0); errors.As(err, &status) {
		return status == http.StatusServiceUnavailable
	}
	w := httptest.NewRecorder()
	in.HandleError(w, httptest.NewRequest("POST", "/", nil), err)
	return w.Code == http.StatusServiceUnavailable
}

func loadAndSave(ctx context.Context, ss *django.Sessions, key, name string, n int) (was int, err error) {
	s, err := ss.Load(ctx, key)
	if err != nil {
		return 0, err
	}
	if was, err = setNumber(s, name, n); err != nil {
		return 0, err
	}
	return was, s.Save(ctx)
}

// setNumber stores a number under the writer's name, and the name under "by". It returns the
// number that was there, or 0.
func setNumber(s *django.Session, name string, n int) (was int, err error) {
	if id, err := django.Value(s, userKey, ""); err != nil || id != user {
		return 0, errors.Join(errAnonymous, err)
	}
	if was, err = django.Value(s, name, 0); err != nil {
		return 0, err
	}
	return was, errors.Join(s.Set(name, n), s.Set(by, name))
}

// request sends a request with this session through the middleware. It returns the number that
// the answer holds.
func request(ctx context.Context, handler http.Handler, key, path string) (number int, err error) {
	r := httptest.NewRequestWithContext(ctx, "POST", path, nil)
	r.AddCookie(&http.Cookie{Name: "sessionid", Value: key})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	switch w.Code {
	case http.StatusOK:
		return numberIn(w.Body.String())
	case http.StatusUnauthorized:
		return 0, errAnonymous
	}
	return 0, statusError(w.Code)
}

// count increments the counter until all goroutines of the process have reached the ordered
// number.
func (o order) count(in *opened, i int, counted *atomic.Int64, ended <-chan struct{}) {
	name := fmt.Sprintf("%s.%d", o.Name, i)
	for counted.Add(1) <= int64(o.Increments) && !isOver(ended) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), countPatience)
		var own int
		err := in.Update(ctx, o.Counter, func(s *django.Session) (err error) {
			own, err = increment(s, name)
			return err
		})
		cancel()
		if err != nil {
			slog.Error("count", "error", err)
			say("uncounted %s %t", name, errors.Is(err, django.ErrOutcomeUnknown))
			continue
		}
		say("counted %s %d %d", name, own, time.Since(start).Microseconds())
	}
}

// counter is the key of the counter within its session.
const counter = "counter"

// countedFor is the key under which the session holds which request last incremented it.
const countedFor = "for"

// increment increments the counter, and the writer's own count under its name, which it returns.
func increment(s *django.Session, name string) (own int, err error) {
	n, err := django.Value(s, counter, 0)
	if err != nil {
		return 0, err
	}
	if own, err = django.Value(s, name, 0); err != nil {
		return 0, err
	}
	return own + 1, errors.Join(s.Set(counter, n+1), s.Set(name, own+1))
}
