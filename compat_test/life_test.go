package compat

import (
	"errors"
	"testing"
	"time"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/internal/testenv/typed"
)

func (c *cell) missing(t *testing.T, key string) {
	t.Helper()
	if _, err := c.sessions.Load(t.Context(), key); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("Go loads it: %v, want ErrNotFound", err)
	}
	if c.judge(t, key).Found {
		t.Error("Django finds it")
	}
	if testenv.Ask[bool](t, c.worker, "exists", testenv.Args{"session_key": key}) {
		t.Error("the row is there")
	}
}

// logout: a session that one side deletes or flushes does not exist on the other, and a
// concurrent save there does not bring it back.
func logout(t *testing.T, c *cell) {
	ends := map[string]func(t *testing.T, key string){
		"Django deletes": func(t *testing.T, key string) {
			testenv.Tell(t, c.worker, "delete", testenv.Args{"session_key": key})
		},
		"Django flushes": func(t *testing.T, key string) {
			testenv.Tell(t, c.worker, "change", testenv.Args{"session_key": key, "program": []any{[]any{"flush"}}})
		},
		"Go deletes": func(t *testing.T, key string) {
			if err := c.sessions.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		},
		"Go flushes": func(t *testing.T, key string) {
			if err := c.load(t, key).Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			row := c.create(t)
			late, cycling := c.load(t, row.SessionKey), c.load(t, row.SessionKey)
			end(t, row.SessionKey)
			c.missing(t, row.SessionKey)

			set(t, late, "late", true)
			if err := late.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
				t.Errorf("Save of a session that is gone: %v, want ErrInterrupted", err)
			}
			cycling.CycleKey()
			if err := cycling.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
				t.Errorf("Save with a cycled key of a session that is gone: %v, want ErrInterrupted", err)
			}
			c.missing(t, row.SessionKey)
		})
	}
}

// cycleKey: the old key is invalid, and the new one has the same data.
func cycleKey(t *testing.T, c *cell) {
	row := c.create(t)
	want := c.judge(t, row.SessionKey).Values

	s := c.load(t, row.SessionKey)
	s.CycleKey()
	save(t, s)
	c.missing(t, row.SessionKey)
	if loaded := c.judge(t, s.Key()); !loaded.Found || !loaded.Values.Equal(want) {
		t.Errorf("cycled by Go, Django loads %s, want %s", loaded.Values, want)
	}

	changed := testenv.Ask[testenv.Changed](t, c.worker, "change", testenv.Args{"session_key": s.Key(), "program": []any{[]any{"cycle_key"}}})
	c.missing(t, s.Key())
	if got := typed.Items(t, c.load(t, changed.SessionKey).Items()); !got.Equal(want) {
		t.Errorf("cycled by Django, Go loads %s, want %s", got, want)
	}
}

// clearSessions: each side removes the other's expired sessions, and no others.
func clearSessions(t *testing.T, c *cell) {
	fill := func() (live, expired []string) {
		live = []string{c.create(t).SessionKey, c.create(t, "expiry", fixtures.NewInt(3600)).SessionKey}
		expired = []string{c.create(t, "expiry", fixtures.NewInt(-1)).SessionKey}
		for _, age := range []time.Duration{-time.Second, -time.Hour, time.Minute} {
			s := c.sessions.NewSession()
			if err := s.SetExpiry(age); err != nil {
				t.Fatal(err)
			}
			save(t, s)
			if age < 0 {
				expired = append(expired, s.Key())
			} else {
				live = append(live, s.Key())
			}
		}
		return live, expired
	}
	for name, clear := range map[string]func() error{
		"Django clears": func() error { return c.worker.Call("clear_expired", nil, nil) },
		"Go clears": func() error {
			n, err := c.sessions.ClearExpired(t.Context())
			if err == nil && n != 3 {
				t.Errorf("Go cleared %d sessions, want 3", n)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			live, expired := fill()
			for _, key := range expired {
				if c.judge(t, key).Found {
					t.Error("Django finds an expired session")
				}
				if _, err := c.sessions.Load(t.Context(), key); !errors.Is(err, django.ErrNotFound) {
					t.Errorf("Go loads an expired session: %v", err)
				}
			}
			if err := clear(); err != nil {
				t.Fatal(err)
			}
			for _, key := range expired {
				c.missing(t, key)
			}
			for _, key := range live {
				c.load(t, key)
				if !c.judge(t, key).Found {
					t.Error("a live session is gone")
				}
			}
		})
	}
}

// customModel: the same session in the table of a custom session model, with an extra
// column.
func customModel(t *testing.T, c *cell) {
	row := c.create(t)
	exec := func(sql string) { testenv.Tell(t, c.worker, "execute", testenv.Args{"sql": sql}) }
	exec("CREATE TABLE shop_session AS SELECT * FROM django_session")
	exec("ALTER TABLE shop_session ADD COLUMN account_id integer")
	exec("UPDATE shop_session SET account_id = 7")
	sessions := openSessions(t, c, nil, dbstore.WithTable("shop_session"))
	s, err := sessions.Load(t.Context(), row.SessionKey)
	if err != nil {
		t.Fatal(err)
	}
	set(t, s, "a", 2)
	save(t, s)
	got := testenv.Ask[[][]string](t, c.worker, "execute", testenv.Args{
		"sql": "SELECT account_id FROM shop_session WHERE session_key = %s", "params": []string{row.SessionKey}})
	if len(got) != 1 || got[0][0] != "7" {
		t.Errorf("account_id is %v, want 7", got)
	}
	if loaded := c.judge(t, row.SessionKey); !loaded.Values.Equal(simple) {
		t.Error("Django's own table was written to")
	}
	exec("DROP TABLE shop_session")
}
