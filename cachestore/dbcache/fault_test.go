package dbcache_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestCut: if the connection breaks between a write and its answer, the outcome is unknown, and
// a database that is down is never an absent session.
func TestCut(t *testing.T) {
	for name, vendor := range testenv.Vendors {
		if vendor == testenv.SQLiteVendor {
			continue
		}
		t.Run(name, func(t *testing.T) {
			d := servers.New(t, vendor)
			db := connect(t, d)
			db.MustExec(tables[vendor])
			direct := open(t, db, nil)
			proxied, proxy := d.Proxied(t)
			c := open(t, connect(t, proxied), nil)
			for operation, call := range map[string]func(ctx context.Context, key string) error{
				"Add": func(ctx context.Context, key string) error { return c.Add(ctx, key+"new", item("fresh"), time.Hour) },
				"Replace": func(ctx context.Context, key string) error {
					_, err := c.Replace(ctx, key, item("stored"), item("fresh"), time.Hour)
					return err
				},
				"Remove": func(ctx context.Context, key string) error { _, err := c.Remove(ctx, key, item("stored")); return err },
			} {
				key, sent := "secret-key"+operation, "fresh"
				if operation == "Remove" {
					sent = "stored"
				}
				if err := direct.Add(t.Context(), key, item("stored"), time.Hour); err != nil {
					t.Fatal(err)
				}
				made := proxy.CutAfter(base64.StdEncoding.EncodeToString([]byte(sent)), nil)
				err := call(t.Context(), key)
				<-made
				if !errors.Is(err, django.ErrOutcomeUnknown) || strings.Contains(err.Error(), "secret") {
					t.Errorf("%s: %v, want ErrOutcomeUnknown", operation, err)
				}
				proxy.Refuse()
				proxy.Reset()
				if err := call(t.Context(), key); err == nil || errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrExists) || strings.Contains(err.Error(), "secret") {
					t.Errorf("%s, while the database is down: %v", operation, err)
				}
				if _, err := c.Get(t.Context(), key); err == nil || errors.Is(err, django.ErrNotFound) {
					t.Errorf("Get, while the database is down: %v", err)
				}
				if err := proxy.Heal(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
