package storetest_test

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/djsession/djsession/django"
)

// locked is a store like Django's file engine, with a lock: it reads and writes a file
// for each session while no other goroutine does.
type locked struct {
	codec *django.Codec
	dir   string
	mu    sync.Mutex
}

func (*locked) Capabilities() django.Capabilities {
	return django.Capabilities{AtomicMove: true, Merges: true}
}

func (l *locked) path(key string) string { return filepath.Join(l.dir, key) }

// read returns a session's text and when it expires.
func (l *locked) read(key string) (content string, expires int64, err error) {
	if len(key) < 8 || len(key) > 40 || strings.ContainsFunc(key, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9')
	}) {
		return "", 0, django.ErrNotFound
	}
	b, err := os.ReadFile(l.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, django.ErrNotFound
	}
	seconds, _, _ := strings.Cut(string(b), " ")
	expires, parseErr := strconv.ParseInt(seconds, 10, 64)
	return string(b), expires, cmp.Or(err, parseErr)
}

// record returns the session in a file. Its version is all that the file holds.
func (l *locked) record(ctx context.Context, key, content string) (django.Record, error) {
	_, text, _ := strings.Cut(content, " ")
	rec, err := l.codec.Record(ctx, key, text)
	rec.Version = content
	return rec, err
}

func (l *locked) write(ctx context.Context, w django.Write) (django.Record, error) {
	text, err := l.codec.Encode(ctx, w.Data)
	if err != nil {
		return django.Record{}, err
	}
	content := strconv.FormatInt(w.Expires.Unix(), 10) + " " + text
	err = os.WriteFile(l.path(w.Key), []byte(content), 0o600)
	return django.Record{Key: w.Key, Version: content}, err
}

func (l *locked) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	content, expires, err := l.read(key)
	if err := cmp.Or(ctx.Err(), err); err != nil {
		return django.Record{}, err
	}
	if expires <= now.Unix() {
		return django.Record{}, django.ErrNotFound
	}
	return l.record(ctx, key, content)
}

func (l *locked) Create(ctx context.Context, w django.Write) (django.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, _, err := l.read(w.Key); !errors.Is(err, django.ErrNotFound) {
		return django.Record{}, cmp.Or(err, django.ErrExists)
	}
	if err := ctx.Err(); err != nil {
		return django.Record{}, err
	}
	return l.write(ctx, w)
}

func (l *locked) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	content, _, err := l.read(old.Key)
	if err := cmp.Or(ctx.Err(), err); err != nil {
		return django.Record{}, err
	}
	current, err := l.record(ctx, old.Key, content)
	if err != nil {
		return django.Record{}, err
	}
	if content != old.Version {
		if w.Merge == nil {
			return current, django.ErrConflict
		}
		if w, err = w.Merge(current); err != nil {
			return django.Record{}, err
		}
	}
	if _, _, err := l.read(w.Key); w.Key != old.Key && !errors.Is(err, django.ErrNotFound) {
		return django.Record{}, cmp.Or(err, django.ErrExists)
	}
	if w.Data == nil {
		w.Data = current.Data
	}
	rec, err := l.write(ctx, w)
	if err == nil && w.Key != old.Key {
		err = os.Remove(l.path(old.Key))
	}
	return rec, err
}

func (l *locked) Delete(ctx context.Context, key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _, err := l.read(key)
	switch err := cmp.Or(ctx.Err(), err); {
	case errors.Is(err, django.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return os.Remove(l.path(key))
}

func (l *locked) ClearExpired(ctx context.Context, now time.Time) (n int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entries, err := os.ReadDir(l.dir)
	for _, e := range entries {
		_, expires, err := l.read(e.Name())
		if err := cmp.Or(ctx.Err(), err); err != nil {
			return n, err
		}
		if expires < now.Unix() {
			if err := os.Remove(l.path(e.Name())); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, err
}
