package dbstore

import (
	"cmp"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/engines"
	"github.com/djsession/djsession/internal/sqldb"
)

// DB is a database to keep sessions in: a *sqlx.DB, or a *sqlx.Tx to act inside the caller's
// transaction. Anything else needs [WithDialect].
type DB interface{ sqlx.ExtContext }

// Engine opens a [Store] on a database; hand it to django.New.
type Engine struct {
	db   DB
	opts options
}

// New returns the engine on db. It does not query the database.
//
// Open one store for a *sqlx.DB and keep it: on MySQL and SQLite each prepares its own statements,
// which are held until the database is closed.
//
// On a *sqlx.Tx everything happens inside that transaction, for one goroutine at a time: open it
// with Sessions.With. A conflict with a writer that the transaction's snapshot hides, a deadlock
// and a busy SQLite are then returned as django.ErrConflict: roll back and start again.
func New(db DB, opts ...Option) *Engine {
	e := &Engine{db: db, opts: options{wait: sqldb.DefaultMaxWait}}
	for _, o := range opts {
		o(&e.opts)
	}
	return e
}

// Serves implements django.Engine: the database engine, and a site's own subclasses of it.
// Django's other engines keep sessions elsewhere, or read a cache first: for cached_db this
// engine is a part of cachestore.NewCachedDB.
func (e *Engine) Serves(sessionEngine string) bool {
	return engines.Serves("dbstore.New", sessionEngine)
}

// Open implements django.Engine. It checks the options against the settings and does not query
// the database.
func (e *Engine) Open(site django.Site) (django.Store, error) {
	return open(e.db, e.opts, site)
}

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	table     string
	tableSet  bool
	keyLength int // 0 until the settings are known
	lengthSet bool
	dialect   Dialect
	timeZone  string
	model     func(now func() time.Time) model
	extra     ExtraColumns
	classify  func(error) sqldb.Kind
	batch     int
	wait      time.Duration
	sharded   bool
}

// follow sets what no option set to what the settings say about the session model.
func (o *options) follow(s django.Settings) {
	about := s.SessionModel
	if o.model == nil && o.extra == nil {
		switch about.Label {
		case "user_sessions.Session":
			WithUserSessions()(o)
		case "qsessions.Session":
			WithQSessions()(o)
		}
	}
	if !o.tableSet && about.Table != "" {
		o.table, o.tableSet = about.Table, true
	}
	if !o.lengthSet {
		o.keyLength = cmp.Or(about.KeyLength, 40)
	}
	if s.UseTZ == nil || *s.UseTZ {
		o.timeZone = cmp.Or(o.timeZone, s.Databases[cmp.Or(about.Database, "default")].TimeZone)
	}
}

// WithTable names the table of a custom session model: its db_table in Django, and by default
// that of Settings.SessionModel or "django_session". A dot separates it from its schema ("sessions.shop_session").
// Quotes mean what they do in db_table, and are the database's own, " or ` on MySQL: a name in
// quotes is one name, dots included (`"shop.session"`), or several (`"sessions"."shop_session"`,
// and `sessions"."shop_session` too). So a db_table with a dot and no quotes, which Django takes
// for one name, needs quotes here.
func WithTable(name string) Option {
	return func(o *options) { o.table, o.tableSet = name, true }
}

// WithKeyLength sets the length of the column session_key: that of Settings.SessionModel or 40 by default, and at least 32, the
// length of new keys. A longer key counts as absent, and its visitor gets a new session.
// [Store.Check] returns an error if the table has longer ones.
func WithKeyLength(characters int) Option {
	return func(o *options) { o.keyLength, o.lengthSet = characters, true }
}

// WithDialect sets which database this is, for a driver whose name does not tell.
func WithDialect(d Dialect) Option { return func(o *options) { o.dialect = d } }

// WithTimeZone sets the TIME_ZONE of Django's DATABASES entry, if it has one: the zone of the
// times in a MySQL, MariaDB or SQLite database under USE_TZ = True. UTC by default.
func WithTimeZone(name string) Option { return func(o *options) { o.timeZone = name } }

// WithExtraColumns sets further columns of a custom session model whenever a session is stored;
// see [ExtraColumns]. All other columns are left alone.
func WithExtraColumns(f ExtraColumns) Option { return func(o *options) { o.extra = f } }

// WithBatch sets how many rows ClearExpired deletes per statement, up to 900 except on SQLite.
// The default is 100, whose deletion hardly delays other statements, and on SQLite as many as it
// deletes in about a second, up to 50,000: there no other writer gets in meanwhile, but small
// batches take several times as long in total.
func WithBatch(rows int) Option { return func(o *options) { o.batch = rows } }

// WithMaxWait bounds how long a statement with a transient error is retried: a busy SQLite, a
// deadlock, a serialization failure, too many connections. It also bounds how long a write waits
// for an answer, while another transaction holds a lock for instance; then the error is
// django.ErrOutcomeUnknown if the write was sent. The context may end both earlier. The default is 30 seconds; 0 turns
// both off.
func WithMaxWait(d time.Duration) Option { return func(o *options) { o.wait = d } }

// WithShardedByKey is for a table that is sharded by session_key on a database that cannot move a row
// from one shard to another with UPDATE, such as Vitess, whose error is VT12001. There a session gets a
// new key (at login, say) by INSERT of the new row and DELETE of the old one in a transaction, as
// Django does it. Columns that [ExtraColumns] does not return then get the database's default. An
// error of the COMMIT is django.ErrOutcomeUnknown: if it failed halfway, both rows are stored, the old
// one as it was; nor are both shards read at one moment, so the store does not claim
// django.Capabilities.AtomicMove. It needs a *sqlx.DB or a *sqlx.Tx.
//
// Without this option a store finds that out at the first such UPDATE from the message of Vitess or
// Citus, except in a transaction of PostgreSQL's, which an error ends. PostgreSQL's own partitions
// need none: its UPDATE moves a row from one to another. Nor does CockroachDB.
func WithShardedByKey() Option { return func(o *options) { o.sharded = true } }

// WithErrorKind sets a function that returns the kinds of a driver's errors. It is asked first,
// for each error; where it returns KindOther, dbstore decides, which treats an unknown error of
// a write that was sent as KindOutcomeUnknown.
func WithErrorKind(f func(error) ErrorKind) Option {
	return func(o *options) { o.classify = func(err error) sqldb.Kind { return sqldb.Kind(f(err)) } }
}
