package storetest

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/djsession/djsession/django"
)

// faulty is a store on a connection that breaks: each fault makes one Create or Save
// fail.
type faulty struct {
	django.Store
	faults atomic.Int32
	after  bool   // the write takes effect before it fails
	err    error  // of the write
	then   func() // is called after a fault
}

func (f *faulty) write(write func() (django.Record, error)) (django.Record, error) {
	if f.faults.Add(-1) < 0 {
		return write()
	}
	if f.then != nil {
		defer f.then()
	}
	if f.after {
		if rec, err := write(); err != nil {
			return rec, err
		}
	}
	return django.Record{}, f.err
}

func (f *faulty) Create(ctx context.Context, w django.Write) (django.Record, error) {
	return f.write(func() (django.Record, error) { return f.Store.Create(ctx, w) })
}

func (f *faulty) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	return f.write(func() (django.Record, error) { return f.Store.Save(ctx, old, w) })
}

// sessions returns sessions on the suite's store, with faults.
func (s *suite) sessions(f *faulty) *django.Sessions {
	s.Helper()
	f.Store = s.store
	settings := django.DefaultSettings()
	settings.SecretKey = "the suite's own, for a codec that is not used"
	ss, err := django.New(settings, django.EngineFunc(func(django.Site) (django.Store, error) { return f, nil }),
		django.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		s.Fatal(err)
	}
	return ss
}

// change is one of the ways in which a session is saved.
type change struct {
	name  string
	do    func(*django.Session) error
	want  string // what is stored then, from {"a":1}
	moves bool   // to a new key
}

// faults is how often a write fails. A session that does not move is saved for a second only,
// which a second fault might exceed on a busy machine.
func (c change) faults() int32 {
	if c.moves {
		return 2
	}
	return 1
}

var saves = []change{
	{"save", func(s *django.Session) error { return s.Set("b", 2) }, `{"a":1,"b":2}`, false},
	{"touch", func(s *django.Session) error { s.MarkModified(); return nil }, `{"a":1}`, false},
	{"cycle", func(s *django.Session) error { s.CycleKey(); return nil }, `{"a":1}`, true},
	{"save and cycle", func(s *django.Session) error { s.CycleKey(); return s.Set("b", 2) }, `{"a":1,"b":2}`, true},
}

// failedWrite: after a failed write nothing is stored, and the session can be saved again.
func failedWrite(s *suite) {
	for _, c := range saves {
		f := &faulty{err: errors.New("the store is down")}
		ss := s.sessions(f)
		rec := s.create(`{"a":1}`, s.later())
		session := s.changed(ss, rec, c)
		f.faults.Store(1)
		if err := session.Save(s.Context()); !errors.Is(err, f.err) {
			s.Errorf("%s: Save: %v, want the store's error", c.name, err)
		}
		s.holds(rec.Key, `{"a":1}`)
		if err := session.Save(s.Context()); err != nil {
			s.Errorf("%s: second Save: %v", c.name, err)
		}
		s.stored(session, rec, c)
	}
}

// unknownOutcome: a write that returned ErrOutcomeUnknown, whether it took effect or
// not, is retried without loss, and brings nothing back.
func unknownOutcome(s *suite) {
	for _, after := range []bool{false, true} {
		f := &faulty{after: after, err: django.ErrOutcomeUnknown}
		ss := s.sessions(f)

		session := ss.NewSession()
		if err := session.Set("a", 1); err != nil {
			s.Fatal(err)
		}
		f.faults.Store(1)
		if err := session.Save(s.Context()); err != nil {
			s.Fatalf("create, took effect: %t: Save: %v", after, err)
		}
		s.holds(session.Key(), `{"a":1}`)

		for _, c := range saves {
			rec := s.create(`{"a":1}`, s.later())
			session := s.changed(ss, rec, c)
			f.faults.Store(c.faults())
			if err := session.Save(s.Context()); err != nil {
				s.Errorf("%s, took effect: %t: Save: %v", c.name, after, err)
			}
			s.stored(session, rec, c)

			if s.caps.ChoosesKeys {
				continue // and cannot delete
			}
			rec = s.create(`{"a":1}`, s.later())
			session = s.changed(ss, rec, c)
			if err := s.store.Delete(s.Context(), rec.Key); err != nil {
				s.Fatal(err)
			}
			f.faults.Store(1)
			if err := session.Save(s.Context()); !errors.Is(err, django.ErrInterrupted) && !errors.Is(err, django.ErrOutcomeUnknown) {
				s.Errorf("%s of a deleted session: Save: %v, want ErrInterrupted or ErrOutcomeUnknown", c.name, err)
			}
			s.missing(rec.Key)
		}

		rec := s.create(`{"a":1}`, s.later())
		session = s.changed(ss, rec, saves[0])
		f.faults.Store(1)
		ctx, cancel := context.WithCancel(s.Context())
		f.then = cancel
		if err := session.Save(ctx); !errors.Is(err, django.ErrOutcomeUnknown) {
			s.Errorf("Save without an answer: %v, want ErrOutcomeUnknown", err)
		}
		cancel()
	}
}

// changed loads rec and changes it.
func (s *suite) changed(ss *django.Sessions, rec django.Record, c change) *django.Session {
	s.Helper()
	session, err := ss.Load(s.Context(), rec.Key)
	if err != nil {
		s.Fatalf("%s: Load: %v", c.name, err)
	}
	if err := c.do(session); err != nil {
		s.Fatal(err)
	}
	return session
}

// stored checks what a saved session left behind.
func (s *suite) stored(session *django.Session, old django.Record, c change) {
	s.Helper()
	s.holds(session.Key(), c.want)
	if s.caps.ChoosesKeys {
		return
	}
	if (session.Key() != old.Key) != c.moves {
		s.Errorf("%s: the key changed: %t", c.name, !c.moves)
	}
	if c.moves {
		s.missing(old.Key)
	}
}
