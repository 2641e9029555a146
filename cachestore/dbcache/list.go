package dbcache

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/internal/fault"
)

// pageRows is how many rows Scan reads at once.
const pageRows = 1000

// Scan implements cachestore.Scanner.
func (c *Cache) Scan(ctx context.Context, prefix string) iter.Seq2[cachestore.Scanned, error] {
	return func(yield func(cachestore.Scanned, error) bool) {
		if c.db == nil {
			yield(cachestore.Scanned{}, errNotOpened)
			return
		}
		pattern := strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(prefix) + "%"
		for last, more := "", true; more; {
			page, err := c.page(ctx, last, pattern)
			if err != nil {
				yield(cachestore.Scanned{}, c.fail("scan", err))
				return
			}
			more = len(page) == pageRows
			for _, at := range page {
				last = at.Key
				// LIKE ignores case in SQLite and MySQL.
				if strings.HasPrefix(at.Key, prefix) && !yield(at, nil) {
					return
				}
			}
		}
	}
}

func (c *Cache) page(ctx context.Context, last, pattern string) (page []cachestore.Scanned, err error) {
	now := c.now()
	args := []any{last, pattern, c.clock.Param(now), pageRows}
	err = c.db.Read(ctx, c.q.scan, args, func(rows *sql.Rows) error {
		page = page[:0]
		for rows.Next() {
			var at cachestore.Scanned
			var column any
			if err := rows.Scan(&at.Key, &column); err != nil {
				return err
			}
			if expires, err := c.clock.Parse("expires", column); err == nil {
				at.Age = expires.Sub(now)
			}
			page = append(page, at)
		}
		return nil
	})
	return page, err
}

// Check implements cachestore.Checker: the table must be there, and must have fewer rows than
// two thirds of MAX_ENTRIES, which is what Django leaves of it when it has more than that.
func (c *Cache) Check(ctx context.Context) error {
	if c.db == nil {
		return errNotOpened
	}
	var keys, values, expiries int64
	if err := c.db.Row(ctx, c.q.count, []any{""}, &keys, &values, &expiries); err != nil {
		return c.fail("check", err)
	}
	if most := int64(c.opts.maxEntries); keys >= most-most/3 {
		return fault.New(fmt.Sprintf("dbcache: check: the table has %d rows, and Django deletes a third of all, sessions included, if there are more than MAX_ENTRIES = %d: raise it in OPTIONS of the site's cache, and WithMaxEntries to the same", keys, most), cachestore.ErrCulled)
	}
	return nil
}
