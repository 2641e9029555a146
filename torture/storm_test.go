package torture

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// A storm is Go services with visitors, and Django workers. All continue whatever happens
// to the database.
type storm struct {
	arena    *arena
	workers  int // of Django
	services []*goProcess
	client   *http.Client
	over     chan struct{}

	mu           sync.Mutex
	acknowledged []write
	counts       map[string]bool // increments, and whether they were answered with 200
	answers      int             // of any status
	slowest      time.Duration   // of them
	unavailable  int             // 503
	anonymous    int             // answers to a visitor as anonymous
	odd          []string        // wrong answers
	marked       time.Time
	first        map[int]time.Time // the first 200 of each service to a request sent since the mark
}

const (
	// clientPatience bounds a visitor's request; every request must be answered.
	clientPatience = time.Minute
	// afterFailure is how long a visitor waits after a 503.
	afterFailure = 20 * time.Millisecond
)

// storm has the processes serve and Django's workers write while during runs, and audits
// the writes.
func (a *arena) storm(t *testing.T, orders []order, writers []hand, during func(*storm)) (*storm, verdict) {
	t.Helper()
	s := &storm{
		arena: a, workers: len(writers), over: make(chan struct{}), counts: map[string]bool{}, services: start(t, orders...),
		client: &http.Client{Timeout: clientPatience, Transport: &http.Transport{MaxIdleConnsPerHost: current.goroutines}},
	}
	for _, p := range s.services {
		p.begin(t)
	}
	hammering := a.hammer(t, writers)
	var visitors sync.WaitGroup
	end := sync.OnceFunc(func() {
		close(s.over)
		visitors.Wait()
	})
	defer end() // also if during fails the test
	for i := range current.goroutines {
		visitors.Go(func() { s.visit(i) })
	}
	s.await(t)
	stop := a.read(t)
	during(s)
	end()
	stop()
	byDjango := hammering.stop() // its requests may fail during a fault
	hammering.check(t)
	s.client.CloseIdleConnections()
	for _, p := range s.services {
		p.end(t)
	}
	return s, s.judge(t, byDjango)
}

// judge audits the storm.
func (s *storm) judge(t *testing.T, byDjango struck) verdict {
	t.Helper()
	v := s.arena.verify(t, append(byDjango.acknowledged, s.acknowledged...))
	if v.acknowledged[ofGo] == 0 {
		t.Error("Go wrote nothing")
	}
	if s.anonymous > 0 {
		t.Errorf("%d of %d answers were for an anonymous visitor", s.anonymous, s.answers)
	}
	for _, text := range s.odd {
		t.Errorf("a visitor got %s", text)
	}
	maps.Copy(s.counts, byDjango.counts)
	s.arena.checkCounts(t, v, s.counts)
	if full() && s.workers > 0 && v.acknowledged[ofDjango]+v.acknowledged[ofEngine] == 0 {
		t.Error("Django wrote nothing")
	}
	return v
}

// visit sends one request after another: numbers under the visitor's own name to all
// sessions, and to one session increments of its counter.
func (s *storm) visit(i int) {
	service, name := i%len(s.services), fmt.Sprint("g", i)
	for n := 1; !isOver(s.over); n++ {
		time.Sleep(current.rest)
		session := rand.N(len(s.arena.keys))
		counts := i%4 == 3 && n%2 == 0
		key, path := s.arena.keys[session], setPath(name, n)
		if counts {
			key, path = s.arena.counter, countPath(name, n)
		}
		sent := time.Now()
		status, text, header := s.send(service, key, path)
		s.note(service, sent, write{session, name, n}, counts, status, text, header.Get(notCounted) == "")
		if status != http.StatusOK {
			time.Sleep(afterFailure)
		}
	}
}

func (s *storm) send(service int, key, path string) (status int, text string, header http.Header) {
	r, err := http.NewRequest("POST", "http://"+s.services[service].address+path, nil)
	if err != nil {
		return 0, err.Error(), nil
	}
	r.AddCookie(&http.Cookie{Name: "sessionid", Value: key})
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error(), nil
	}
	return answer.StatusCode, strings.TrimSpace(string(body)), answer.Header
}

// note records an answer. After a failure it is perhaps unknown whether an increment is stored.
func (s *storm) note(service int, sent time.Time, w write, counts bool, status int, text string, unknown bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers++
	s.slowest = max(s.slowest, time.Since(sent))
	number, err := numberIn(text)
	if status == http.StatusOK && err != nil {
		s.odd = append(s.odd, err.Error())
	}
	if counts {
		s.counts[fmt.Sprint(w.writer, " ", w.number)] = status == http.StatusOK
	}
	switch status {
	case http.StatusOK:
		if s.first != nil && s.first[service].IsZero() && sent.After(s.marked) {
			s.first[service] = time.Now()
		}
		if counts {
			s.arena.watch.counted(w.writer, number)
		} else {
			s.acknowledged = append(s.acknowledged, w)
			s.arena.watch.acknowledge(w, number)
		}
		return
	case http.StatusServiceUnavailable:
		s.unavailable++
	case http.StatusUnauthorized:
		s.anonymous++
	default:
		if len(s.odd) < mostEvidence {
			s.odd = append(s.odd, fmt.Sprintf("status %d: %s", status, text))
		}
	}
	if counts {
		s.arena.watch.uncounted(w.writer, unknown)
	}
}

// mark starts to wait for the next 200 of each service.
func (s *storm) mark() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.marked, s.first = time.Now(), map[int]time.Time{}
}

// await waits until each service has answered with 200 since it was called.
func (s *storm) await(t *testing.T) {
	t.Helper()
	s.mark()
	s.awaitMarked(t)
}

// awaitMarked waits until each service has answered with 200 since the last mark, and
// returns when the last of them did.
func (s *storm) awaitMarked(t *testing.T) (last time.Time) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if last, ok := s.allAnswered(); ok {
			return last
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("a service answers with 200 no more")
		}
	}
}

func (s *storm) allAnswered() (last time.Time, all bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range s.first {
		if at.After(last) {
			last = at
		}
	}
	return last, len(s.first) == len(s.services)
}
