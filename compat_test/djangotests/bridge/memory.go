package main

import (
	"context"
	"sync"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/serializer"
)

// memory is a store in memory that notes which sessions were saved with data.
type memory struct {
	site django.Site

	mu    sync.Mutex
	store django.Store
	saved map[string]bool // by key
}

// Serves implements django.Engine.
func (m *memory) Serves(string) bool { return true }

// Open implements django.Engine.
func (m *memory) Open(site django.Site) (django.Store, error) {
	m.site = site
	m.reset()
	return m, nil
}

// reset removes all sessions.
func (m *memory) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.store = must(memstore.New().Open(m.site))
	m.saved = map[string]bool{}
}

func (m *memory) current() django.Store {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.store
}

// put stores a session that does not count as saved.
func (m *memory) put(key string, d *serializer.Dict) {
	must(m.current().Create(context.Background(), django.Write{Key: key, Data: d, Expires: now.AddDate(1, 0, 0)}))
}

// get returns the value of a key of a session, and whether that session was saved.
func (m *memory) get(key, name string) (v serializer.Value, ok, saved bool) {
	r, err := m.current().Load(context.Background(), key, now)
	if err != nil {
		return serializer.Value{}, false, false
	}
	v, ok = r.Data.Get(name)
	m.mu.Lock()
	defer m.mu.Unlock()
	return v, ok, m.saved[key]
}

func (m *memory) note(r django.Record, err error, data bool) (django.Record, error) {
	if err == nil && data {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.saved[r.Key] = true
	}
	return r, err
}

func (m *memory) Capabilities() django.Capabilities { return m.current().Capabilities() }

func (m *memory) Load(ctx context.Context, key string, at time.Time) (django.Record, error) {
	return m.current().Load(ctx, key, at)
}

func (m *memory) Create(ctx context.Context, w django.Write) (django.Record, error) {
	r, err := m.current().Create(ctx, w)
	return m.note(r, err, true)
}

func (m *memory) Save(ctx context.Context, old django.Record, u django.Write) (django.Record, error) {
	r, err := m.current().Save(ctx, old, u)
	return m.note(r, err, u.Data != nil)
}

func (m *memory) Delete(ctx context.Context, key string) error { return m.current().Delete(ctx, key) }

func (m *memory) ClearExpired(ctx context.Context, at time.Time) (int64, error) {
	return m.current().ClearExpired(ctx, at)
}
