package compat

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestPythonCacheWriters: processes of Django with djsession.cache, with several threads each, and goroutines change one
// session at once, in every cache. Each sets a key of its own and counts, and nothing is lost.
func TestPythonCacheWriters(t *testing.T) {
	processes, threads, rounds := 2, 4, 2
	sample := map[string][]string{ // unless full
		"2.2": {"PyLibMCCache", "django-redis, zlib"},
		"6.1": {"RedisCache", "PyMemcacheCache", "DatabaseCache", "FileBasedCache"},
	}
	if full {
		processes, threads, rounds = 10, 10, 5
	}
	for _, version := range oldestAndNewest(t) {
		site := newEngineSite(t, version)
		for _, one := range djangoCaches {
			if !one.on(version) || !full && !slices.Contains(sample[version.Name], one.name) {
				continue
			}
			t.Run(version.Name+"/"+one.name, func(t *testing.T) {
				set := site.cell.sessions.Settings()
				set.SessionEngine = django.EngineCache
				sessions, err := django.New(set, cachestore.New(one.open(t, site), one.options(site)...))
				if err != nil {
					t.Fatal(err)
				}
				s := sessions.NewSession()
				for name, value := range map[string]any{"n": 0, "cart": map[string]int{}} {
					if err := s.Set(name, value); err != nil {
						t.Fatal(err)
					}
				}
				if err := s.Save(t.Context()); err != nil {
					t.Fatal(err)
				}
				writeAtOnce(t, pythonWriters{version, site, one, s.Key(), processes, threads, rounds}, sessions)
			})
		}
	}
}

// pythonWriters are processes of Django, and as many goroutines as they have threads.
type pythonWriters struct {
	version                    testenv.Django
	site                       *engineSite
	cache                      djangoCache
	key                        string
	processes, threads, rounds int
}

func writeAtOnce(t *testing.T, w pythonWriters, sessions *django.Sessions) {
	t.Helper()
	start := make(chan struct{})
	var ready, done sync.WaitGroup
	for p := range w.processes {
		cmd := pythonTests(t, w.version, w.site.config.Database, map[string]any{w.cache.name: w.cache.entry(t, w.site)}, true,
			"tests.writers", w.cache.name, w.key, fmt.Sprintf("p%d-", p), strconv.Itoa(w.threads), strconv.Itoa(w.rounds))
		cmd.Env = append(cmd.Env, "DJSESSION_TEST_PREPARED=1")
		var complaints bytes.Buffer
		cmd.Stderr = &complaints
		input, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		output, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ready.Add(1)
		done.Go(func() {
			_, readErr := bufio.NewReader(output).ReadString('\n')
			ready.Done()
			<-start
			_ = input.Close()
			if err := cmd.Wait(); err != nil || readErr != nil {
				t.Errorf("Django: %v, %v: %s", err, readErr, complaints.Bytes())
			}
		})
	}
	ready.Wait()
	close(start)
	for i := range w.processes * w.threads {
		done.Go(func() {
			s, err := sessions.Load(t.Context(), w.key)
			if err == nil {
				err = s.Set(fmt.Sprintf("go%d", i), i)
			}
			if err == nil {
				err = s.Save(t.Context())
			}
			for range w.rounds {
				if err == nil {
					err = sessions.Update(t.Context(), w.key, goAdds)
				}
			}
			if err != nil {
				t.Errorf("Go: %v", err)
			}
		})
	}
	done.Wait()
	s, err := sessions.Load(t.Context(), w.key)
	if err != nil {
		t.Fatal(err)
	}
	each := w.processes * w.threads * w.rounds
	if n, err := django.Value(s, "n", 0); n != 2*each || err != nil {
		t.Errorf("counted %d, %v, want %d", n, err, 2*each)
	}
	cart, err := django.Value(s, "cart", map[string]int{})
	if err != nil || cart["go"] != each || len(cart) != w.processes+1 {
		t.Errorf("the cart holds %v, %v", cart, err)
	}
	own := map[string]int{}
	for name := range s.Keys() {
		own[strings.TrimRight(name, "0123456789")]++
	}
	for p := range w.processes {
		if name := fmt.Sprintf("p%d-", p); own[name] != w.threads || cart[name] != w.threads*w.rounds {
			t.Errorf("%s set %d keys and added %d, want %d and %d", name, own[name], cart[name], w.threads, w.threads*w.rounds)
		}
	}
	if own["go"] != w.processes*w.threads {
		t.Errorf("Go set %d keys, want %d", own["go"], w.processes*w.threads)
	}
}

// goAdds does what add in python/tests/writers.py does.
func goAdds(s *django.Session) error {
	n, err := django.Value(s, "n", 0)
	if err != nil {
		return err
	}
	cart, err := django.Value(s, "cart", map[string]int{})
	if err != nil {
		return err
	}
	cart["go"]++
	if err := s.Set("n", n+1); err != nil {
		return err
	}
	return s.Set("cart", cart)
}
