package dbstore

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// DB is a database to keep sessions in: a *sqlx.DB, or a *sqlx.Tx to act inside
// the caller's transaction. Anything else needs [WithDialect].
type DB interface{ sqlx.ExtContext }

// Engine opens a [Store] on a database; hand it to django.New.
type Engine struct {
	db   DB
	opts options
}

// New returns the engine on db. Nothing is asked of the database yet.
//
// Open one store for a *sqlx.DB and keep it: on MySQL each prepares statements of
// its own, which the server holds until the database is closed.
//
// On a *sqlx.Tx everything happens inside that transaction, for one goroutine at
// a time: open it with Sessions.With. A conflict with a writer that the
// transaction's snapshot hides, and a deadlock or a busy SQLite, are then
// returned as django.ErrConflict, for the caller to roll back and start again.
func New(db DB, opts ...Option) *Engine {
	e := &Engine{db: db, opts: options{table: "django_session", batch: 1000, wait: 30 * time.Second}}
	for _, o := range opts {
		o(&e.opts)
	}
	return e
}

// Open implements django.Engine. It checks the options against the settings and
// asks nothing of the database.
func (e *Engine) Open(codec *django.Codec) (django.Store, error) {
	return open(e.db, e.opts, codec)
}

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	table    string
	dialect  Dialect
	timeZone string
	extra    ExtraColumns
	classify func(error) ErrorKind
	batch    int
	wait     time.Duration
}

// WithTable names the table of a custom session model, with or without its
// schema ("sessions.shop_session"); "django_session" by default.
func WithTable(name string) Option { return func(o *options) { o.table = name } }

// WithDialect says which database this is, for a driver whose name does not.
func WithDialect(d Dialect) Option { return func(o *options) { o.dialect = d } }

// WithTimeZone is the TIME_ZONE of Django's DATABASES entry, if it has one: the
// zone of the times in a MySQL, MariaDB or SQLite database under USE_TZ = True.
// UTC by default.
func WithTimeZone(name string) Option { return func(o *options) { o.timeZone = name } }

// ExtraColumns returns the values, by column, that a custom session model has
// beside Django's three, for a session that is about to be inserted. data must
// not be changed.
type ExtraColumns func(ctx context.Context, data *serializer.Dict) (map[string]any, error)

// WithExtraColumns sets columns of a custom session model when a session is
// inserted. They are left alone on update, and so is every other column.
func WithExtraColumns(f ExtraColumns) Option { return func(o *options) { o.extra = f } }

// WithBatch has ClearExpired delete so many rows a statement, 1,000 by default.
func WithBatch(rows int) Option { return func(o *options) { o.batch = rows } }

// WithMaxWait bounds how long a statement that the database refused for the
// moment (a busy SQLite, a deadlock, a serialization failure) is tried again; the
// context may end it earlier. 30 seconds by default, 0 is not at all.
func WithMaxWait(d time.Duration) Option { return func(o *options) { o.wait = d } }

// WithErrorKind tells the kinds of errors of a driver that dbstore does not
// know. It is asked first; KindOther leaves the question to dbstore, which takes an
// error that it cannot read, of a write that was sent, for KindInDoubt.
func WithErrorKind(f func(error) ErrorKind) Option { return func(o *options) { o.classify = f } }
