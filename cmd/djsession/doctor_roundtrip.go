package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/managepy"
)

// roundTripName is the key of the value in the sessions that the round trip stores.
const roundTripName = "djsession_doctor"

// checkRoundTrip stores a session here and lets the site's Django read it, and the reverse. Both
// end after five minutes should they not be deleted.
func (d *doctor) checkRoundTrip(ctx context.Context) []diagnosis {
	switch {
	case d.project == nil:
		return skip("with --manage path/to/manage.py, a session is stored here, read by the site's Django, and deleted")
	case d.o.readOnly:
		return skip("--read-only")
	}
	mark := rand.Text()
	if found := d.fromGo(ctx, mark); found != nil {
		return found
	}
	if found := d.fromDjango(ctx, mark); found != nil {
		return found
	}
	return passed("Django read and changed a session of Go's, and Go one of Django's; both are deleted")
}

// loadedByDjango is what the site's Django finds under a key.
type loadedByDjango struct {
	Found, Corrupted bool
	Data             string
}

func (d *doctor) fromGo(ctx context.Context, mark string) []diagnosis {
	session := d.s.NewSession()
	err := errors.Join(session.Set(roundTripName, mark), session.SetExpiry(5*time.Minute))
	if err == nil {
		err = session.Save(ctx)
	}
	if err != nil {
		if isRefused(err) {
			return d.rightMissing(ctx, "INSERT", d.s.table)
		}
		return failLocal("round-trip-save", "no session can be stored: "+explain(err), "see the other checks")
	}
	key := session.Key()
	d.secrets.add(key)
	defer d.deleteSession(key)
	var got loadedByDjango
	if err := d.project.Call(ctx, "session_load", map[string]any{"key": key}, &got); err != nil {
		return d.remoteProblem(err)
	}
	switch value := valueIn(got.Data); {
	case got.Corrupted:
		return failLocal("round-trip-unreadable", "Django finds the session that Go stored, and cannot read it: SECRET_KEY, the store class or the format differ", "set them to the site's: see secret-key and same-settings")
	case !got.Found:
		return failLocal("round-trip-not-found", "Django does not find the session that Go stored: they use different databases, caches, tables or keys, or Django regards it as expired",
			"compare "+d.whereKept()+" with the site's, and TIME_ZONE and the clocks; djsession settings --manage carries them over")
	case value != mark:
		return failLocal("round-trip-differs", "Django reads another session under the key that Go stored", "another program writes to the same place")
	}
	var moved struct{ Key string }
	if err := d.project.Call(ctx, "session_set", map[string]any{"key": key, "data": map[string]string{roundTripName: mark + "2"}}, &moved); err != nil {
		return d.remoteProblem(err)
	}
	d.secrets.add(moved.Key)
	after, err := d.s.Sessions.Load(ctx, moved.Key)
	if err != nil {
		return failLocal("round-trip-unreadable", "Go cannot read the session that Django has changed: "+explain(err), "see sessions")
	}
	if value, err := django.Value(after, roundTripName, ""); err != nil || value != mark+"2" {
		return failLocal("round-trip-differs", "Go does not see what Django has changed in the session", "Django writes to another place than it reads from, as with replicas in DATABASE_ROUTERS or CACHES")
	}
	return nil
}

func (d *doctor) fromDjango(ctx context.Context, mark string) []diagnosis {
	var made struct{ Key string }
	args := map[string]any{"data": map[string]string{roundTripName: mark}, "expiry": 300}
	if err := d.project.Call(ctx, "session_create", args, &made); err != nil {
		return d.remoteProblem(err)
	}
	d.secrets.add(made.Key)
	defer func() {
		ctx, cancel := cleanUp()
		defer cancel()
		_ = d.project.Call(ctx, "session_delete", map[string]any{"key": made.Key}, nil)
	}()
	session, err := d.s.Sessions.Load(ctx, made.Key)
	if errors.Is(err, django.ErrNotFound) {
		return failLocal("round-trip-not-found", "Go does not find a session that Django stored: they use different databases, caches, tables or keys, or another time zone", "compare "+d.whereKept()+" with the site's; djsession settings --manage carries them over")
	}
	if err != nil {
		return failLocal("round-trip-unreadable", "Go cannot read a session that Django stored: "+explain(err), "set SECRET_KEY, SESSION_SERIALIZER, the store class and DJANGO_VERSION to the site's")
	}
	if value, err := django.Value(session, roundTripName, ""); err != nil || value != mark {
		return failLocal("round-trip-differs", "Go reads something else than Django stored", "another program writes to the same place")
	}
	return nil
}

// whereKept names the settings that say where sessions are.
func (d *doctor) whereKept() string {
	switch d.s.engine {
	case "file":
		return d.place("session-file-path")
	case "cache":
		return d.place("cache-url") + " and its prefix"
	case "cached_db":
		return d.place("database-url") + " and " + d.place("cache-url")
	}
	return d.place("database-url")
}

// deleteSession deletes what the round trip stored, also after an interrupt.
func (d *doctor) deleteSession(key string) {
	ctx, cancel := cleanUp()
	defer cancel()
	if err := d.s.store.Delete(ctx, key); err != nil {
		d.say(fmt.Sprintf("the session of the round trip could not be deleted; it ends in five minutes: %v", explain(err)))
	}
}

func cleanUp() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 10*time.Second)
}

// remoteProblem is the diagnosis for an exception in the site's Django.
func (d *doctor) remoteProblem(err error) []diagnosis {
	remote, ok := errors.AsType[*managepy.RemoteError](err)
	if !ok {
		return failUnexpected(err)
	}
	return failLocal("django-fails", "the site's Django fails to use its own sessions: "+remote.Error(), "correct the site first: python manage.py check, migrate, and the server that the message names")
}

// valueIn returns the round trip's value in a session's JSON.
func valueIn(data string) string {
	var values map[string]any
	if json.Unmarshal([]byte(data), &values) != nil {
		return ""
	}
	text, _ := values[roundTripName].(string)
	return text
}
