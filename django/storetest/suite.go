package storetest

import (
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// suite is one subtest with a store of its own.
type suite struct {
	*testing.T
	store django.Store
	caps  django.Capabilities
	now   time.Time
}

// newKey makes a key as Django does.
func newKey() string { return strings.ToLower(rand.Text() + rand.Text())[:32] }

// dict parses the JSON text of a session.
func (s *suite) dict(text string) *serializer.Dict {
	s.Helper()
	d, err := serializer.JSON.Loads([]byte(text))
	if err != nil {
		s.Fatalf("the suite's own JSON: %v", err)
	}
	return d
}

// dump is the JSON text of a session's dict.
func (s *suite) dump(d *serializer.Dict) string {
	s.Helper()
	if d == nil {
		s.Fatal("Record.Data is nil")
	}
	text, err := serializer.JSON.Dumps(d)
	if err != nil {
		s.Fatalf("Dumps: %v", err)
	}
	return string(text)
}

func (s *suite) later() time.Time { return s.now.Add(time.Hour) }

// write is a Write of the JSON text, or one without data if text is empty.
func (s *suite) write(key, text string, expires time.Time) django.Write {
	s.Helper()
	w := django.Write{Key: key, Expires: expires, Age: expires.Sub(s.now)}
	if text != "" {
		w.Data = s.dict(text)
	}
	return w
}

func (s *suite) create(text string, expires time.Time) django.Record {
	s.Helper()
	rec, err := s.store.Create(s.Context(), s.write(newKey(), text, expires))
	if err != nil {
		s.Fatalf("Create: %v", err)
	}
	if rec.Key == "" || rec.Data != nil {
		s.Fatal("Create returned a Record without a key or with data")
	}
	return rec
}

func (s *suite) load(key string) django.Record {
	s.Helper()
	rec, err := s.store.Load(s.Context(), key, s.now)
	if err != nil {
		s.Fatalf("Load: %v", err)
	}
	if rec.Key != key || rec.Corrupt != nil {
		s.Fatalf("Load returned Key right: %t, Corrupt: %v", rec.Key == key, rec.Corrupt)
	}
	return rec
}

// holds checks what is stored under key now.
func (s *suite) holds(key, text string) {
	s.Helper()
	if got := s.dump(s.load(key).Data); got != text {
		s.Errorf("stored is %s, want %s", got, text)
	}
}

func (s *suite) missing(key string) {
	s.Helper()
	if _, err := s.store.Load(s.Context(), key, s.now); !errors.Is(err, django.ErrNotFound) {
		s.Errorf("Load: %v, want ErrNotFound", err)
	}
}

func (s *suite) save(old django.Record, w django.Write) django.Record {
	s.Helper()
	rec, err := s.store.Save(s.Context(), old, w)
	if err != nil {
		s.Fatalf("Save: %v", err)
	}
	return rec
}

// update stores text as the data of rec.
func (s *suite) update(rec django.Record, text string) django.Record {
	s.Helper()
	return s.save(rec, s.write(rec.Key, text, s.later()))
}

// absentRecord reports whether what Load returned means that there is no such session.
func (s *suite) absentRecord(rec django.Record, err error) bool {
	return errors.Is(err, django.ErrNotFound) || s.caps.ChoosesKeys && err == nil && rec.Corrupt != nil
}

// refused checks that a Save fails with want, and returns its Record.
func (s *suite) refused(old django.Record, w django.Write, want error) django.Record {
	s.Helper()
	rec, err := s.store.Save(s.Context(), old, w)
	if !errors.Is(err, want) {
		s.Errorf("Save: %v, want %v", err, want)
	}
	return rec
}

// parallel calls f from several goroutines at once and waits for them.
func parallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}
