package rediscache

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
)

// scanCount is how many keys the server looks at per SCAN.
const scanCount = 1000

// Scan implements cachestore.Scanner, with SCAN on each master.
func (c *Cache) Scan(ctx context.Context, prefix string) iter.Seq2[cachestore.Scanned, error] {
	return func(yield func(cachestore.Scanned, error) bool) {
		masters, err := c.masters(ctx)
		for _, master := range masters {
			for cursor := uint64(0); ; {
				var page []cachestore.Scanned
				page, cursor, err = c.scanPage(ctx, master, cursor, prefix)
				if err != nil {
					break
				}
				for _, at := range page {
					if !yield(at, nil) {
						return
					}
				}
				if cursor == 0 {
					break
				}
			}
			if err != nil {
				break
			}
		}
		if err != nil {
			yield(cachestore.Scanned{}, fmt.Errorf("rediscache: scan: %w", causeOf(ctx, prefix, err)))
		}
	}
}

// masters returns the clients of all servers that have keys of their own.
func (c *Cache) masters(ctx context.Context) (all []*redis.Client, err error) {
	switch client := c.client.(type) {
	case *redis.Client:
		return []*redis.Client{client}, nil
	case *redis.ClusterClient:
		var mu sync.Mutex
		err = client.ForEachMaster(ctx, func(_ context.Context, master *redis.Client) error {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, master)
			return nil
		})
	}
	return all, err
}

// scanPage returns keys of a master, with the time that each has left, and the next cursor.
func (c *Cache) scanPage(ctx context.Context, master *redis.Client, cursor uint64, prefix string) ([]cachestore.Scanned, uint64, error) {
	keys, next, err := master.Scan(ctx, cursor, quoteGlob.Replace(prefix)+"*", scanCount).Result()
	if err != nil || len(keys) == 0 {
		return nil, next, err
	}
	ages := make([]*redis.DurationCmd, len(keys))
	// A Cluster may have moved some of them to another master meanwhile.
	if _, err := c.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, key := range keys {
			ages[i] = p.PTTL(ctx, key)
		}
		return nil
	}); err != nil {
		return nil, 0, err
	}
	var page []cachestore.Scanned
	for i, key := range keys {
		age := ages[i].Val()
		if age == -2 {
			continue // it has gone
		}
		page = append(page, cachestore.Scanned{Key: key, Age: max(age, -time.Nanosecond)})
	}
	return page, next, nil
}

// quoteGlob makes a prefix part of a pattern that matches only itself.
var quoteGlob = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`)
