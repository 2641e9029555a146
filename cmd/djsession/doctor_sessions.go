package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/base62"
	"github.com/djsession/djsession/internal/sqldb"
	"github.com/djsession/djsession/serializer"
)

// sampleSessions is how many of the newest sessions the checks read.
const sampleSessions = 20

// storedSession is one of the newest sessions.
type storedSession struct {
	key     string
	text    string    // session_data; "" in a cache
	expires time.Time // zero in files
	signed  time.Time // zero if the format does not tell
	data    *serializer.Dict
}

// sample returns the newest sessions, by the time at which they expire or were written.
func (d *doctor) sample(ctx context.Context) ([]storedSession, error) {
	if d.hasRows() {
		return d.sampleRows(ctx)
	}
	return d.sampleFiles()
}

// sampleRows returns the rows that expire last. Those that expire later than a session does that
// was saved just now come after the others: they have an expiry of their own, and may be old.
// Expired ones are read only if there are no others.
func (d *doctor) sampleRows(ctx context.Context) (sessions []storedSession, err error) {
	clock, err := d.clock()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	latest := now.Add(time.Duration(min(d.set.SessionCookieAge, 1<<30))*time.Second + 14*time.Hour)
	for _, part := range []struct {
		condition string
		args      []any
		expired   bool
	}{
		{condition: "expire_date > ? AND expire_date <= ?", args: []any{clock.Param(now), clock.Param(latest)}},
		{condition: "expire_date > ?", args: []any{clock.Param(latest)}},
		{condition: "expire_date <= ?", args: []any{clock.Param(now)}, expired: true},
	} {
		if len(sessions) >= sampleSessions || part.expired && len(sessions) > 0 {
			break
		}
		rows, err := d.readRows(ctx, clock, part.condition, part.args)
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, rows...)
	}
	for _, s := range sessions {
		d.secrets.add(s.key, s.text)
	}
	return sessions[:min(len(sessions), sampleSessions)], nil
}

// readRows returns the rows that a condition selects, those that expire last first.
func (d *doctor) readRows(ctx context.Context, clock sqldb.Clock, condition string, args []any) (sessions []storedSession, err error) {
	dialect := d.s.sql.Dialect
	query := fmt.Sprintf("SELECT session_key, session_data, %s FROM %s WHERE %s ORDER BY expire_date DESC LIMIT %d",
		dialect.Time("expire_date"), dialect.Quote(d.s.table), condition, sampleSessions)
	err = d.s.sql.Read(ctx, dialect.Bind(query), args, func(rows *sql.Rows) error {
		sessions = nil
		for rows.Next() {
			var key, text sql.NullString
			var expires any
			if err := rows.Scan(&key, &text, &expires); err != nil {
				return err
			}
			s := storedSession{key: key.String, text: text.String, signed: signedAt(text.String)}
			s.expires, _ = clock.Parse("expire_date", expires)
			sessions = append(sessions, s)
		}
		return rows.Err()
	})
	return sessions, err
}

// clock converts the times of the database.
func (d *doctor) clock() (sqldb.Clock, error) {
	zone, _ := d.in.get("database-time-zone")
	return sqldb.ClockOf(d.s.sql.Dialect, sqldb.Zones{UseTZ: d.set.UseTZ, TimeZone: d.set.TimeZone, Database: zone})
}

// sampleFiles returns the sessions whose files were written last.
func (d *doctor) sampleFiles() (sessions []storedSession, err error) {
	entries, err := os.ReadDir(d.fileDirectory())
	if err != nil {
		return nil, err
	}
	written := map[string]time.Time{}
	for _, entry := range entries {
		key, ours := strings.CutPrefix(entry.Name(), d.set.SessionCookieName)
		info, err := entry.Info()
		if ours && djangoKey(key) && err == nil && info.Mode().IsRegular() && info.Size() < 4<<20 {
			written[key] = info.ModTime()
			sessions = append(sessions, storedSession{key: key})
		}
	}
	slices.SortFunc(sessions, func(a, b storedSession) int { return written[b.key].Compare(written[a.key]) })
	sessions = sessions[:min(len(sessions), sampleSessions)]
	for i := range sessions {
		s := &sessions[i]
		text, err := os.ReadFile(filepath.Join(d.fileDirectory(), d.set.SessionCookieName+s.key))
		if err != nil {
			return nil, err
		}
		s.text, s.signed = string(text), signedAt(string(text))
		d.secrets.add(s.key, s.text)
	}
	return sessions, nil
}

// signatureLengths are those of an HMAC-SHA256 and an HMAC-SHA1 in base64.
var signatureLengths = []int{43, 27}

// signedAt returns when a text was signed, if it is one of signing.dumps.
func signedAt(text string) time.Time {
	parts := strings.Split(text, ":")
	if len(parts) != 3 || !slices.Contains(signatureLengths, len(parts[2])) {
		return time.Time{}
	}
	seconds, err := base62.Decode(parts[1])
	if err != nil || seconds < 1<<30 || seconds > 1<<33 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// checkSessions reads the newest sessions. If some cannot be read, it tries what may be the
// reason, one after the other, and names what it has seen to be true.
func (d *doctor) checkSessions(ctx context.Context) []diagnosis {
	switch {
	case d.s.engine == "signed_cookies":
		return skip("they are in the visitors' cookies; try one with djsession decode --engine signed_cookies")
	case d.s.engine == "cache":
		return d.checkCachedSessions(ctx)
	}
	var err error
	if d.stored, err = d.sample(ctx); err != nil {
		if found := d.readProblem(ctx, err); found != nil {
			return found
		}
		return failUnexpected(err)
	}
	if len(d.stored) == 0 && d.sameSettings {
		return skip("there are none yet; log in at the site and run this again")
	}
	if len(d.stored) == 0 {
		if other := d.filledSessionTable(ctx); other != "" {
			return failLocal("table-renamed", fmt.Sprintf("table %q is empty, and %s holds sessions: the site has a session model of its own", d.s.table, other), "set "+d.place("table")+" to "+other)
		}
		return warn("no-sessions", "there are no sessions: either nobody has visited the site yet, or its sessions are elsewhere", "visit a page of the site that uses sessions, such as the login, and run this again; if there are still none, compare SESSION_ENGINE and the database with the site's")
	}
	codec := d.s.Codec()
	var unread []int
	for i := range d.stored {
		s := &d.stored[i]
		if s.data, err = codec.Decode(ctx, s.text); err != nil {
			if ctx.Err() != nil {
				return failUnexpected(ctx.Err())
			}
			unread = append(unread, i)
		}
	}
	d.keyReads = len(unread) < len(d.stored)
	if len(unread) == 0 {
		text := ""
		if n := d.signedWithFallback(ctx); n > 0 {
			text = fmt.Sprintf("; %d of them by a key of SECRET_KEY_FALLBACKS", n)
		}
		return passed("the newest %s can be read%s", count(len(d.stored), "session"), text)
	}
	return d.explainUnread(ctx, unread)
}

// readProblem returns the diagnosis of a read that failed for a reason that is known.
func (d *doctor) readProblem(ctx context.Context, err error) []diagnosis {
	switch {
	case isRefused(err):
		return d.rightMissing(ctx, "SELECT", d.s.table)
	case errors.Is(err, os.ErrPermission):
		return fail("files-permissions", fmt.Sprintf("a session's file cannot be read: %v", errors.Unwrap(err)), "run the service as the user that Django runs as: the files are readable for their owner only")
	case strings.Contains(err.Error(), "USE_TZ"):
		return fail("use-tz-missing", err.Error(), "set "+d.place("use-tz"))
	}
	return nil
}

// signedWithFallback counts the sessions that only a key of SECRET_KEY_FALLBACKS reads.
func (d *doctor) signedWithFallback(ctx context.Context) (n int) {
	alone := d.set
	alone.SecretKeyFallbacks = nil
	codec, err := django.NewCodec(alone, nil)
	if err != nil || len(d.set.SecretKeyFallbacks) == 0 {
		return 0
	}
	for _, s := range d.stored {
		if _, err := codec.Decode(ctx, s.text); err != nil {
			n++
		}
	}
	return n
}

// checkCachedSessions reads the sessions of the engine cache, and tries the other serializers if
// they cannot be read.
func (d *doctor) checkCachedSessions(ctx context.Context) []diagnosis {
	if !d.lists() {
		return skip("this cache cannot list its sessions")
	}
	readable, all, err := d.readCache(ctx, d.s.store.(django.Lister))
	switch {
	case err != nil:
		return failUnexpected(err)
	case all == 0 && d.sameSettings:
		return skip("there are none yet; log in at the site and run this again")
	case all == 0:
		return warn("no-sessions", "there are no sessions under these keys in the cache", "visit a page of the site that uses sessions, and run this again")
	case readable == all:
		return passed("the newest %s can be read", count(all, "session"))
	}
	for _, name := range []string{"pickle", "json", "msgpack"} {
		store, err := d.storeWith(name)
		if err != nil {
			continue
		}
		if n, _, err := d.readCache(ctx, store); err == nil && n > readable {
			return fail("cache-serializer", fmt.Sprintf("%d of %s can be read with the serializer %s, and %d with that of the settings", n, count(all, "session"), name, readable), "set "+d.place("cache-serializer")+" to "+name+", SERIALIZER in OPTIONS of CACHES")
		}
	}
	return failUnreadable(readable, all, "cache-unreadable", "no serializer that is known here reads them", "compare SERIALIZER and COMPRESSOR in OPTIONS of CACHES with "+d.place("cache-serializer"))
}

// failUnreadable is a failure if nothing can be read, and else a warning.
func failUnreadable(readable, all int, problem, why, change string) []diagnosis {
	found := fmt.Sprintf("%d of the newest %s cannot be read: %s", all-readable, count(all, "session"), why)
	if readable > 0 {
		return warn(problem, found, change)
	}
	return failLocal(problem, found, change)
}

// readCache counts the sessions of a cache, and those of them that can be read.
func (d *doctor) readCache(ctx context.Context, store django.Lister) (readable, all int, err error) {
	for row, err := range store.List(ctx, django.Filter{Now: time.Now(), Limit: sampleSessions}) {
		if err != nil {
			return readable, all, err
		}
		d.secrets.add(row.Key)
		if all++; row.Corrupt == nil {
			readable++
			d.keep(row)
		}
	}
	return readable, all, nil
}

// keep adds a session for the checks of logins.
func (d *doctor) keep(row django.Listed) {
	if !slices.ContainsFunc(d.stored, func(s storedSession) bool { return s.key == row.Key }) {
		d.stored = append(d.stored, storedSession{key: row.Key, expires: row.Expires, data: row.Data})
	}
}
