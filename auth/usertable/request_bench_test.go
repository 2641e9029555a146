package usertable_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// BenchmarkRequests are requests of 16 visitors at once, on PostgreSQL: with a session only, and
// with a user too. Rounds of the variants take turns; the results are the medians.
func BenchmarkRequests(b *testing.B) {
	d := withUsers(b, testenv.PostgreSQLVendor)
	d.CreateSessionTable(b)
	db := connect(b, d)
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	variants := []struct {
		name string
		ask  bool
		opts []usertable.Option
	}{{"session", false, nil}, {"user", true, nil}, {"joined user", true, []usertable.Option{usertable.WithJoin()}}}
	handlers := make([]http.Handler, len(variants))
	var keys []string
	for i, v := range variants {
		ss, err := django.New(settings(), dbstore.New(db))
		if err != nil {
			b.Fatal(err)
		}
		users, err := usertable.Open(db, ss, v.opts...)
		if err != nil {
			b.Fatal(err)
		}
		logins, err := auth.New(ss, users)
		if err != nil {
			b.Fatal(err)
		}
		for len(keys) < 1000 {
			s := ss.NewSession()
			if err := logins.LoginSession(b.Context(), s, byID(b, users, "1")); err != nil {
				b.Fatal(err)
			}
			if err := s.Save(b.Context()); err != nil {
				b.Fatal(err)
			}
			keys = append(keys, s.Key())
		}
		handlers[i] = ss.Middleware(logins.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s, err := ss.Get(r)
			if err != nil || s.Key() == "" {
				b.Error("no session", err)
			}
			if !v.ask {
				return
			}
			if u, err := logins.User(r); err != nil || u.ID != "1" {
				b.Error("no user", err)
			}
		})))
	}
	const requests = 2000
	round := func(h http.Handler) float64 {
		start := time.Now()
		var all sync.WaitGroup
		for visitor := range 16 {
			all.Go(func() {
				for i := range requests / 16 {
					r := httptest.NewRequest("GET", "/", nil)
					r.AddCookie(&http.Cookie{Name: "sessionid", Value: keys[(visitor*requests/16+i)%len(keys)]})
					h.ServeHTTP(httptest.NewRecorder(), r)
				}
			})
		}
		all.Wait()
		return requests / time.Since(start).Seconds()
	}
	rates := make([][]float64, len(variants))
	for b.Loop() {
		for i, h := range handlers {
			rates[i] = append(rates[i], round(h))
		}
	}
	for i, v := range variants {
		slices.Sort(rates[i])
		b.ReportMetric(rates[i][len(rates[i])/2], strings.ReplaceAll(v.name, " ", "_")+"/s")
	}
	b.ReportMetric(0, "ns/op")
}
