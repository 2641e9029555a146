package dbcache

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

var (
	errNotOpened = errors.New("dbcache: the cache is not opened: hand it to cachestore.New or cachestore.NewCachedDB")
	errKey       = fmt.Errorf("dbcache: add: a key has up to %d characters", maxKey)
	errNotBase64 = fmt.Errorf("%w: dbcache: the column value does not hold base64 as Django writes it", django.ErrUnreadable)
)

// find returns the item that a query finds under a key, or django.ErrNotFound if there is none or
// it has expired. Only the database compares times: of an hour that the clocks show twice, what
// is stored does not tell which.
func (c *Cache) find(ctx context.Context, op, query, key string) (cachestore.Item, error) {
	switch {
	case c.db == nil:
		return cachestore.Item{}, errNotOpened
	case !possible(key):
		return cachestore.Item{}, django.ErrNotFound
	}
	var value sql.NullString
	err := c.db.Row(ctx, query, c.exactly(key, c.clock.Param(c.now())), &value)
	if errors.Is(err, sql.ErrNoRows) {
		return cachestore.Item{}, django.ErrNotFound
	}
	if err != nil {
		return cachestore.Item{}, c.fail(op, err)
	}
	return itemOf(value.String)
}

// exactly returns the parameters of the condition that finds exactly this key, and those that
// follow.
func (c *Cache) exactly(key string, more ...any) []any {
	if c.db.Dialect == sqldb.MySQL {
		return append([]any{key, key}, more...)
	}
	return append([]any{key}, more...)
}

// Get implements cachestore.Cache.
func (c *Cache) Get(ctx context.Context, key string) (cachestore.Item, error) {
	return c.find(ctx, "get", c.q.load, key)
}

// itemOf returns the item of a column. Two texts that decode to one value would be one version, so
// only what Django writes is one.
func itemOf(column string) (cachestore.Item, error) {
	value, err := base64.StdEncoding.Strict().DecodeString(column)
	if err != nil || base64.StdEncoding.EncodedLen(len(value)) != len(column) {
		return cachestore.Item{}, errNotBase64
	}
	return cachestore.Item{Value: string(value)}, nil
}

func text(item cachestore.Item) string { return base64.StdEncoding.EncodeToString([]byte(item.Value)) }

// until returns when an item of this age expires, as a parameter: in a whole second.
func (c *Cache) until(age time.Duration) any {
	return c.clock.Param(c.now().Add(min(age, math.MaxInt64-time.Second) + time.Second - 1).Truncate(time.Second))
}

// Add implements cachestore.Cache. As in Django, it takes the place of an item that has expired.
func (c *Cache) Add(ctx context.Context, key string, item cachestore.Item, age time.Duration) error {
	switch {
	case c.db == nil:
		return errNotOpened
	case !possible(key):
		return errKey
	}
	value, until := text(item), c.until(age)
	args := []any{key, value, until}
	if c.db.Dialect != sqldb.MySQL {
		args = append(args, key)
	}
	n, err := c.db.Exec(ctx, c.q.insert, args...)
	if err == nil && n > 0 {
		return nil
	}
	if err != nil && sqldb.KindOf(err) != sqldb.KindDuplicate {
		return c.fail("add", err)
	}
	args = append([]any{value, until}, c.exactly(key, c.clock.Param(c.now()))...)
	n, err = c.db.Exec(ctx, c.q.revive, args...)
	if err == nil && n == 0 {
		return django.ErrExists
	}
	return c.fail("add", err)
}

// Replace implements cachestore.Cache.
func (c *Cache) Replace(ctx context.Context, key string, old, item cachestore.Item, age time.Duration) (cachestore.Item, error) {
	if c.db == nil || !possible(key) {
		return c.current(ctx, "replace", key)
	}
	value, until := text(item), c.until(age)
	args := append([]any{value, until}, c.exactly(key, text(old), c.clock.Param(c.now()))...)
	n, err := c.db.Exec(ctx, c.q.replace, args...)
	switch {
	case err != nil:
		return cachestore.Item{}, c.fail("replace", err)
	case n > 0:
		return item, nil
	}
	if value == text(old) { // MySQL by default does not count a row in which nothing differs
		same := 0
		err := c.db.Row(ctx, c.q.touched, c.exactly(key, value, until), &same)
		if err == nil {
			return item, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return cachestore.Item{}, c.fail("replace", err)
		}
	}
	return c.current(ctx, "replace", key)
}

// current returns why no row was written.
func (c *Cache) current(ctx context.Context, op, key string) (cachestore.Item, error) {
	item, err := c.find(ctx, op, c.q.current, key)
	if err == nil {
		err = django.ErrConflict
	}
	return item, err
}

// Remove implements cachestore.Cache.
func (c *Cache) Remove(ctx context.Context, key string, old cachestore.Item) (cachestore.Item, error) {
	if c.db == nil || !possible(key) {
		return c.current(ctx, "remove", key)
	}
	n, err := c.db.Exec(ctx, c.q.remove, c.exactly(key, text(old), c.clock.Param(c.now()))...)
	switch {
	case err != nil:
		return cachestore.Item{}, c.fail("remove", err)
	case n > 0:
		return cachestore.Item{}, nil
	}
	return c.current(ctx, "remove", key)
}

// Delete implements cachestore.Cache.
func (c *Cache) Delete(ctx context.Context, key string) error {
	switch {
	case c.db == nil:
		return errNotOpened
	case !possible(key):
		return nil
	}
	return c.fail("delete", c.db.ExecRepeatable(ctx, c.q.delete, c.exactly(key)...))
}
