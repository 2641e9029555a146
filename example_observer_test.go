package djsession_test

import (
	"context"
	"fmt"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// counter counts events for whatever collects the service's figures.
type counter struct {
	mu     sync.Mutex
	events map[string]int
}

func (c *counter) Start(ctx context.Context, _ django.Operation) context.Context { return ctx }

func (c *counter) End(_ context.Context, e django.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events[string(e.Operation)+" "+string(e.Outcome)]++
}

// Example_observer counts what happens to sessions. For OpenTelemetry, package otelsession
// has an observer.
func Example_observer() {
	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	counter := &counter{events: map[string]int{}}
	sessions, err := django.New(settings, memstore.New(), django.WithObserver(counter))
	if err != nil {
		log.Fatal(err)
	}

	site := httptest.NewServer(sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := sessions.UpdateRequest(r, func(s *django.Session) error { return s.Set("seen", true) })
		if err != nil {
			sessions.HandleError(w, r, err)
		}
	})))
	defer site.Close()
	browser := newBrowser()
	for range 3 {
		if res, err := browser.Get(site.URL); err == nil {
			res.Body.Close()
		}
	}
	for _, event := range slices.Sorted(maps.Keys(counter.events)) {
		fmt.Println(event, counter.events[event])
	}
	// Output:
	// create ok 1
	// load ok 2
	// save ok 2
}
