package filecache

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/fault"
	"github.com/djsession/djsession/internal/filelock"
	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/internal/pyzlib"
)

// The flags of memcached's clients, by which the encoding knows what to inflate.
const (
	pickle     = 1
	compressed = pickle | 8
)

// suffix ends the names of the files.
const suffix = ".djcache"

// Cache is a [cachestore.Cache] in a directory. It is safe for concurrent use, also by several
// processes.
type Cache struct {
	dir        string
	maxEntries int
	limit      int // of what is read of a file: data larger than MaxInflated, and a header
	now        func() time.Time
}

var (
	_ cachestore.Cache   = (*Cache)(nil)
	_ cachestore.Opener  = (*Cache)(nil)
	_ cachestore.Checker = (*Cache)(nil)
)

// New returns the cache in a directory, which is made for this user only when the first session
// is stored.
func New(dir string, opts ...Option) *Cache {
	c := &Cache{dir: dir, maxEntries: 300, limit: math.MaxInt, now: time.Now}
	for _, o := range opts {
		o(c)
	}
	return c
}

// An Option changes a default of [New].
type Option func(*Cache)

// WithMaxEntries sets the MAX_ENTRIES in OPTIONS of the site's cache, for [Cache.Check]: 300 by
// default, as in Django.
func WithMaxEntries(n int) Option { return func(c *Cache) { c.maxEntries = n } }

// OpenCache implements cachestore.Opener.
func (c *Cache) OpenCache(site django.Site, _ string) (cachestore.Cache, error) {
	if !filepath.IsAbs(c.dir) {
		return nil, errors.New("filecache: the directory must be an absolute path, the LOCATION of Django's cache")
	}
	opened := *c
	opened.now = site.Now
	opened.limit = 2*min(site.Codec.MaxInflated(), math.MaxInt/4) + 1024
	return &opened, nil
}

// path returns the file of a key.
func (c *Cache) path(key string) string {
	sum := md5.Sum([]byte(key))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:])+suffix)
}

// Get implements cachestore.Cache.
func (c *Cache) Get(ctx context.Context, key string) (cachestore.Item, error) {
	if err := ctx.Err(); err != nil {
		return cachestore.Item{}, err
	}
	content, _, err := filelock.Read(c.path(key), c.limit)
	if err != nil {
		return cachestore.Item{}, c.fail("get", err)
	}
	return c.item(content)
}

// item returns the item in a file, or django.ErrNotFound if it has expired.
func (c *Cache) item(content []byte) (cachestore.Item, error) {
	expires, stream, err := split(content)
	switch {
	case err != nil:
		return cachestore.Item{}, fmt.Errorf("%w: filecache: a file is not one of Django's cache: %w", django.ErrUnreadable, err)
	case !expires.IsZero() && expires.Before(c.now()):
		return cachestore.Item{}, django.ErrNotFound
	}
	return cachestore.Item{Value: string(stream), Flags: compressed}, nil
}

// file returns the content of the file of an item.
func (c *Cache) file(item cachestore.Item, age time.Duration) []byte {
	content := header(c.now().Add(cachestore.WholeSeconds(age)))
	if item.Flags == compressed {
		return append(content, item.Value...)
	}
	return pyzlib.AppendDeflated(content, []byte(item.Value))
}

// same reports whether a stored item holds what old holds, which may not be compressed.
func same(ctx context.Context, stored, old cachestore.Item) (bool, error) {
	if stored == old || old.Flags == compressed {
		return stored == old, nil
	}
	value, err := payload.Inflate(ctx, []byte(stored.Value), len(old.Value))
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return err == nil && bytes.Equal(value, []byte(old.Value)), nil
}

// Add implements cachestore.Cache. It takes the place of a file that has expired.
func (c *Cache) Add(ctx context.Context, key string, item cachestore.Item, age time.Duration) error {
	content := c.file(item, age)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		visible, err := filelock.Create(c.path(key), content)
		switch {
		case err == nil:
			return nil
		case visible:
			return c.fail("add", fmt.Errorf("%w: %w", filelock.ErrUnknown, err))
		case errors.Is(err, fs.ErrNotExist):
			if err := os.MkdirAll(c.dir, 0o700); err != nil {
				return fmt.Errorf("filecache: add: %w", err)
			}
			continue
		case !errors.Is(err, fs.ErrExist):
			return c.fail("add", err)
		}
		err = c.locked(ctx, key, func(f *filelock.File) error {
			if _, err := c.item(f.Content); !errors.Is(err, django.ErrNotFound) {
				return django.ErrExists
			}
			return f.Replace(content, time.Now())
		})
		if !errors.Is(err, fs.ErrNotExist) {
			return c.fail("add", err)
		}
	}
}

// locked calls f with the locked file of a key, again if Django has replaced it meanwhile.
func (c *Cache) locked(ctx context.Context, key string, f func(*filelock.File) error) error {
	for {
		file, err := filelock.LockFile(ctx, c.path(key), c.limit)
		if err != nil {
			return err
		}
		if err = ctx.Err(); err == nil {
			err = f(file)
		}
		file.Unlock()
		if !errors.Is(err, filelock.ErrChanged) {
			return err
		}
	}
}

// Replace implements cachestore.Cache.
func (c *Cache) Replace(ctx context.Context, key string, old, item cachestore.Item, age time.Duration) (cachestore.Item, error) {
	content := c.file(item, age)
	return c.swap(ctx, "replace", key, old, func(f *filelock.File) error { return f.Replace(content, time.Now()) })
}

// Remove implements cachestore.Cache.
func (c *Cache) Remove(ctx context.Context, key string, old cachestore.Item) (cachestore.Item, error) {
	return c.swap(ctx, "remove", key, old, (*filelock.File).Remove)
}

// swap changes the file of a key if it holds old.
func (c *Cache) swap(ctx context.Context, op, key string, old cachestore.Item, change func(*filelock.File) error) (current cachestore.Item, err error) {
	err = c.locked(ctx, key, func(f *filelock.File) error {
		stored, err := c.item(f.Content)
		if err != nil {
			return err
		}
		holds, err := same(ctx, stored, old)
		if err != nil {
			return err
		}
		if !holds {
			current = stored
			return django.ErrConflict
		}
		return change(f)
	})
	return current, c.fail(op, err)
}

// Delete implements cachestore.Cache.
func (c *Cache) Delete(ctx context.Context, key string) error {
	err := c.locked(ctx, key, (*filelock.File).Remove)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return c.fail("delete", err)
}

// fail returns the error of an operation; nil stays nil.
func (c *Cache) fail(op string, err error) error {
	switch {
	case err == nil || err == django.ErrExists || err == django.ErrConflict || errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrUnreadable):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return django.ErrNotFound
	case errors.Is(err, filelock.ErrNotRegular):
		return fmt.Errorf("%w: filecache: %w", django.ErrUnreadable, err)
	case errors.Is(err, filelock.ErrUnknown):
		return fmt.Errorf("filecache: %s: directory %s: %w: %w", op, c.dir, django.ErrOutcomeUnknown, err)
	}
	return fmt.Errorf("filecache: %s: directory %s: %w", op, c.dir, err)
}

// Check implements cachestore.Checker: the directory can be written to, if it is there, and has
// fewer files than two thirds of MAX_ENTRIES, which is what Django leaves of that.
func (c *Cache) Check(ctx context.Context) error {
	entries, err := os.ReadDir(c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("filecache: check: %w", err)
	}
	probe, err := os.CreateTemp(c.dir, filelock.Prefix+"*.tmp")
	if err != nil {
		return fmt.Errorf("filecache: check: the directory %s cannot be written to: %w", c.dir, errors.Unwrap(err))
	}
	err = probe.Close()
	if err = errors.Join(err, os.Remove(probe.Name())); err != nil {
		return fmt.Errorf("filecache: check: %w", err)
	}
	files := 0
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), suffix) {
			files++
		}
	}
	if files >= c.maxEntries-c.maxEntries/3 {
		return fault.New(fmt.Sprintf("filecache: check: the directory %s has %d files, and Django deletes a third of all, sessions included, when there are MAX_ENTRIES = %d: raise it in OPTIONS of the site's cache, and WithMaxEntries to the same", c.dir, files, c.maxEntries), cachestore.ErrCulled)
	}
	return nil
}
