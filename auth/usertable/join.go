package usertable

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

var _ auth.SessionJoiner = (*Table)(nil)

// WithJoin reads a request's session and its user in one query, where there would be two. The
// sessions must be those of dbstore.New on the same *sqlx.DB.
//
// The session names its user inside its signed data, so the query goes by the user whom the
// session named when this process loaded it last; for that, 65,536 sessions are remembered, as
// hashes of their keys. The user counts only if the session that was read names exactly
// them. Otherwise, and for a session that is not remembered, there are two queries.
//
// The user is as they were when the session was loaded: a change that is made later in the same
// request, and not by this Table, may not count until the next one. A user who was read more
// than a second ago, or before another session was loaded, is read again, and nobody is kept for
// another request.
//
// It is for services most of whose requests ask for the user: once a session is known, every request
// inside of Logins.Middleware that loads it reads its user, too, and waits as long as the table of
// users is locked. With several processes, each has to see a session before. An auth.Users around
// the Table embeds it, or passes JoinSession on.
func WithJoin() Option { return func(o *options) { o.join = true } }

// maxAge is how old the row of a user may be.
const maxAge = time.Second

// joinSessions makes sessions be read along with their users.
func (t *Table) joinSessions(db dbstore.DB, sessions *django.Sessions) error {
	store, ok := sessions.Store().(*dbstore.Store)
	if !ok {
		return fmt.Errorf("usertable: WithJoin needs sessions of dbstore.New, and these are in a %T", sessions.Store())
	}
	t.memory = newMemory()
	columns, _ := selectColumns(t.db.Dialect, t.opts)
	err := store.Join(db, dbstore.Join{Columns: columns, Table: tableAs(t.db.Dialect, t.opts) + " ON " + hasID(t.db.Dialect, t.opts), Begin: t.beginJoin})
	if err != nil {
		return fmt.Errorf("usertable: WithJoin: %w", err)
	}
	return nil
}

// JoinSession implements auth.SessionJoiner. Without [WithJoin] it returns ctx.
func (t *Table) JoinSession(ctx context.Context) context.Context {
	if t.memory == nil {
		return ctx
	}
	return &joinContext{Context: ctx, table: t}
}

// joinContext is the context of a request, and holds the user who was read along with its
// session.
type joinContext struct {
	context.Context
	table *Table

	mu    sync.Mutex
	user  *joinedUser // nil if there is none
	loads int         // counts the sessions that were loaded
}

// joinKey is the context key of a *joinContext.
type joinKey struct{ table *Table }

// Value implements context.Context.
func (c *joinContext) Value(key any) any {
	if key == any(joinKey{c.table}) {
		return c
	}
	return c.Context.Value(key)
}

// joinedUser is the row of the user with an id, as it was at a time.
type joinedUser struct {
	id     string
	row    *row
	at     time.Time
	writes uint64
	loads  int
}

// begin returns a user who is about to be read.
func (c *joinContext) begin(id string) *joinedUser {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &joinedUser{id: id, at: time.Now(), writes: c.table.writes.Load(), loads: c.loads}
}

// loaded notes that a session was, and u, if that is not nil, along with it. No session may be
// compared with a user who is older: after a change of the password it would not match.
func (c *joinContext) loaded(u *joinedUser) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if u != nil && u.loads != c.loads { // another session was loaded meanwhile
		u = nil
	}
	c.user = u
	c.loads++
}

// take returns the row of the user with an id, once.
func (c *joinContext) take(id string) *row {
	c.mu.Lock()
	defer c.mu.Unlock()
	u := c.user
	if u == nil || u.id != id {
		return nil
	}
	c.user = nil
	if u.writes != c.table.writes.Load() || time.Since(u.at) > maxAge {
		return nil
	}
	return u.row
}

// joined returns the row of the user with an id if the request's session brought it along.
func (t *Table) joined(ctx context.Context, id string) *row {
	if t.memory == nil {
		return nil
	}
	if c, ok := ctx.Value(joinKey{t}).(*joinContext); ok {
		return c.take(id)
	}
	return nil
}

// beginJoin is the dbstore.Join.Begin of this table.
func (t *Table) beginJoin(ctx context.Context, key string) *dbstore.Joined {
	c, ok := ctx.Value(joinKey{t}).(*joinContext)
	if !ok {
		return nil
	}
	u := c.begin(t.memory.user(key))
	j := new(dbstore.Joined)
	if id, ok := t.opts.key.param(u.id); ok && !t.lacking.Load() {
		u.row = t.newRow()
		j.Value, j.Into = id, u.row.fields()
	}
	j.Loaded = func(data *serializer.Dict, joined bool) {
		id := ""
		if v, ok := data.Get("_auth_user_id"); ok {
			id, _ = t.ReadID(v)
		}
		t.memory.remember(key, id)
		if !joined {
			u = nil
		}
		c.loaded(u)
	}
	return j
}
