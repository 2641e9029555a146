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

	"github.com/jmoiron/sqlx"

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
func (o order) write(db *sqlx.DB, ss *django.Sessions, i int, ended <-chan struct{}) {
	name := fmt.Sprintf("%s.%d", o.Name, i)
	handler := ss.Middleware(setHandler(ss))
	for n := 1; !isOver(ended); n++ {
		time.Sleep(o.Rest)
		session := rand.N(len(o.Keys))
		key := o.Keys[session]
		start := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), writePatience)
		var err error
		switch {
		case o.Role == careless:
			err = carelessly(ctx, db, ss.Codec(), key, name, n)
		case n%4 == 0:
			err = loadAndSave(ctx, ss, key, name, n)
		case n%4 == 1:
			err = ss.Update(ctx, key, func(s *django.Session) error { return setNumber(s, name, n) })
		default:
			err = request(ctx, handler, key, setPath(name, n))
		}
		cancel()
		if err == nil {
			sayStored(session, name, n, start)
			continue
		}
		slog.Error("write", "error", err)
		if errors.Is(err, errAnonymous) {
			say("anonymous")
		} else {
			say("failed")
		}
	}
}

func loadAndSave(ctx context.Context, ss *django.Sessions, key, name string, n int) error {
	s, err := ss.Load(ctx, key)
	if err != nil {
		return err
	}
	if err := setNumber(s, name, n); err != nil {
		return err
	}
	return s.Save(ctx)
}

// setNumber stores a number under the writer's name, and the name under "by".
func setNumber(s *django.Session, name string, n int) error {
	if id, err := django.Value(s, userKey, ""); err != nil || id != user {
		return errors.Join(errAnonymous, err)
	}
	return errors.Join(s.Set(name, n), s.Set(by, name))
}

// request sends a request with this session through the middleware.
func request(ctx context.Context, handler http.Handler, key, path string) error {
	r := httptest.NewRequestWithContext(ctx, "POST", path, nil)
	r.AddCookie(&http.Cookie{Name: "sessionid", Value: key})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	switch w.Code {
	case http.StatusOK:
		return nil
	case http.StatusUnauthorized:
		return errAnonymous
	}
	return fmt.Errorf("status %d", w.Code)
}

// count increments the counter until all goroutines of the process have reached the ordered
// number.
func (o order) count(ss *django.Sessions, counted *atomic.Int64, ended <-chan struct{}) {
	for counted.Add(1) <= int64(o.Increments) && !isOver(ended) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), countPatience)
		err := ss.Update(ctx, o.Counter, increment)
		cancel()
		if err != nil {
			slog.Error("count", "error", err)
			say("failed")
			continue
		}
		say("counted %d", time.Since(start).Microseconds())
	}
}

// counter is the key of the counter within its session.
const counter = "counter"

// countedFor is the key under which the session holds which request last incremented it.
const countedFor = "for"

func increment(s *django.Session) error {
	n, err := django.Value(s, counter, 0)
	if err != nil {
		return err
	}
	return s.Set(counter, n+1)
}
