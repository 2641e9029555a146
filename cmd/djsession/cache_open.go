package main

import (
	"errors"

	"github.com/djsession/djsession/cachestore"
)

// openCache opens the cache. It does not connect to it.
func (s *site) openCache() (cachestore.Cache, error) {
	return nil, errors.New("not supported yet")
}

// encoding returns what the cache's serializer and compressor do.
func (c *cacheSettings) encoding(in inputs) (cachestore.Encoding, error) {
	return cachestore.Pickle, nil
}
