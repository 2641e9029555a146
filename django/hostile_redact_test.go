package django_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// TestHoldersPrintNoSecret: what holds settings, or was made of them, prints and
// logs no secret either, wherever it stands.
func TestHoldersPrintNoSecret(t *testing.T) {
	const hidden = "hush4hush4hush4hush4hush4hush4hu"
	set := testSettings()
	set.SecretKey, set.SecretKeyFallbacks = hidden, []string{hidden + "1", hidden + "2"}
	db := openSQLite(t)
	sessions, err := django.New(set, dbstore.New(db))
	must(t, err)
	protection, err := csrf.New(sessions)
	must(t, err)
	users, err := usertable.Open(db, sessions)
	must(t, err)
	logins, err := auth.New(sessions, users)
	must(t, err)
	session := sessions.NewSession()
	must(t, session.Set("a", hidden))

	for _, one := range []any{
		set, &set, sessions, sessions.Codec(), sessions.Store(), dbstore.New(db), protection, logins, users, session,
	} {
		var text bytes.Buffer
		var holders []any
		for _, holder := range []any{one, &one, []any{one}, map[string]any{"a": one}, struct{ A any }{one}, &struct{ A any }{one}} {
			holders = append(holders, holder)
			// A pointer deeper down has no form under %s, where fmt calls nobody's methods:
			// that one Settings cannot help.
			fmt.Fprintf(&text, "%v %+v %#v", []any{holder}, []any{holder}, []any{holder})
		}
		for _, holder := range holders {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "% X", "%d", "%20v", "%T"} {
				fmt.Fprintf(&text, verb, holder)
			}
			err := errors.Join(fmt.Errorf("with %v", holder), fmt.Errorf("%w: %+v", django.ErrCorrupt, holder))
			fmt.Fprintln(&text, err, fmt.Errorf("again: %w", err))
			for _, h := range []slog.Handler{slog.NewTextHandler(&text, nil), slog.NewJSONHandler(&text, nil)} {
				slog.New(h).Log(context.Background(), slog.LevelInfo, "one", "value", holder, slog.Group("in", "value", holder))
				slog.New(h).With("value", holder).Info("one")
			}
			asJSON, _ := json.Marshal(holder)
			text.Write(asJSON)
		}
		for _, form := range []string{hidden, fmt.Sprintf("%x", hidden), fmt.Sprintf("% X", hidden), fmt.Sprintf("%d", []byte(hidden))[1:40]} {
			if i := strings.Index(text.String(), form); i >= 0 {
				t.Errorf("%T is printed with a secret, after %q", one, text.String()[max(0, i-60):i])
			}
		}
	}
}
