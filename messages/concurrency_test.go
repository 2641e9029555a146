package messages_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/messages"
)

// Requests at once that add messages to one session lose none, and what one of them shows
// does not come back.
func TestRequestsAtOnce(t *testing.T) {
	st := newSite(t, in(sessionStorage))
	key := st.session(t, oneStored)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			st.serve(t, request("sessionid="+key), func(_ http.ResponseWriter, r *http.Request) {
				if _, err := st.sessions.Get(r); err != nil {
					t.Error(err)
				}
				if err := st.Info(r, fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			})
		})
	}
	wg.Wait()
	texts := strings.Split(st.showing(t, []string{"sessionid=" + key}), ",")
	slices.Sort(texts)
	check(t, "messages", len(slices.Compact(texts)), 21)
	check(t, "afterwards", st.showing(t, []string{"sessionid=" + key}), "")
}

// While one request shows messages, another adds one, which stays.
func TestAddWhileAnotherShows(t *testing.T) {
	for _, both := range []bool{false, true} {
		st := newSite(t, in(sessionStorage))
		key := st.session(t, oneStored)
		st.serve(t, request("sessionid="+key), func(_ http.ResponseWriter, r *http.Request) {
			list, err := st.Get(r)
			must(t, err)
			check(t, "messages", len(list), 1)
			st.serve(t, request("sessionid="+key), func(_ http.ResponseWriter, other *http.Request) {
				must(t, st.Info(other, "from another"))
				if both {
					list, err := st.Get(other)
					must(t, err)
					check(t, "messages", len(list), 2)
				}
			})
			must(t, st.Info(r, "added"))
		})
		want := "from another,added"
		if both {
			want = "added"
		}
		check(t, "afterwards", st.showing(t, []string{"sessionid=" + key}), want)
	}
}

// The goroutines of one request may use messages at once.
func TestGoroutinesOfOneRequest(t *testing.T) {
	for _, storage := range []string{sessionStorage, cookieStorage, fallbackStorage} {
		st := newSite(t, in(storage))
		key := st.session(t, oneStored)
		w := st.serve(t, request("sessionid="+key), func(_ http.ResponseWriter, r *http.Request) {
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					if err := st.Success(r, "a"); err != nil {
						t.Error(err)
					}
				})
				wg.Go(func() {
					if _, err := st.Get(r); err != nil {
						t.Error(err)
					}
				})
				wg.Go(func() {
					if err := st.SetLevel(r, st.Level(r)); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			list, err := st.Get(r)
			must(t, err)
			own := slices.DeleteFunc(list, func(m messages.Message) bool { return m.String() != "a" })
			check(t, "messages", len(own), 10)
		})
		check(t, "afterwards", st.showing(t, append(w.Header()["Set-Cookie"], "sessionid="+key)), "")
	}
}
