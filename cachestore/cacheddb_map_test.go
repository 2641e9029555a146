package cachestore_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
)

func newCache(*testing.T) cachestore.Cache { return &mapCache{} }

type mapCache struct {
	cachestore.Cache
	items sync.Map
}

func (m *mapCache) Get(_ context.Context, key string) (cachestore.Item, error) {
	if item, ok := m.items.Load(key); ok {
		return item.(cachestore.Item), nil
	}
	return cachestore.Item{}, django.ErrNotFound
}

func (m *mapCache) Add(_ context.Context, key string, item cachestore.Item, _ time.Duration) error {
	m.items.Store(key, item)
	return nil
}

func (m *mapCache) Delete(_ context.Context, key string) error {
	m.items.Delete(key)
	return nil
}
