package memcached_test

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/memcached"
	"github.com/djsession/djsession/django"
)

// TestOpen: what cannot be matched with Django's client, and keys that memcached does not take,
// are refused when the engine is opened.
func TestOpen(t *testing.T) {
	const two = "a:1;b:2"
	pylibmc, ketama := memcached.WithSelection(memcached.Pylibmc), memcached.WithSelection(memcached.PylibmcKetama)
	for name, c := range map[string]struct {
		location string
		prefix   string
		want     string // in the error
		opts     []memcached.Option
	}{
		"one":                    {location: "127.0.0.1:11211"},
		"without a port":         {location: "cache.internal"},
		"IPv6":                   {location: "[::1]:11211,[::1]"},
		"sockets":                {location: "unix:/run/a.sock;/run/b.sock", opts: []memcached.Option{pylibmc}},
		"several":                {location: two, opts: []memcached.Option{pylibmc}},
		"not ASCII":              {location: two, prefix: "é"},
		"not ASCII, one":         {location: "a", prefix: "é", opts: []memcached.Option{pylibmc}},
		"no servers":             {location: "", want: "no servers"},
		"only separators":        {location: ";,", want: "empty"},
		"trailing separator":     {location: "a:1;", want: "empty"},
		"two separators":         {location: "a:1;,b:2", want: "empty"},
		"blank":                  {location: "a:1; b:2", want: `" b:2": remove the blanks`},
		"no port":                {location: "a:", want: "port"},
		"port 0":                 {location: "a:0", want: "port"},
		"large port":             {location: "a:65536", want: "port"},
		"named port":             {location: "a:memcached", want: "port"},
		"no host":                {location: ":11211", want: "it is not host:port"},
		"bare IPv6":              {location: "::1:11211", want: "brackets"},
		"weight":                 {location: "a:1:2", want: "weights are not supported"},
		"UDP":                    {location: "udp:a:1", want: "UDP"},
		"URL":                    {location: "memcached://a:1", want: "it is not host:port"},
		"mixed":                  {location: "a:1;/run/b.sock", want: "together", opts: []memcached.Option{pylibmc}},
		"not ASCII, pylibmc":     {location: two, prefix: "é", want: "ASCII", opts: []memcached.Option{pylibmc}},
		"not ASCII, ketama":      {location: two, prefix: "é", want: "ASCII", opts: []memcached.Option{ketama}},
		"selection":              {location: two, want: "Selection", opts: []memcached.Option{memcached.WithSelection(9)}},
		"timeout":                {location: two, want: "WithTimeout", opts: []memcached.Option{memcached.WithTimeout(0)}},
		"connections":            {location: two, want: "WithConnections", opts: []memcached.Option{memcached.WithConnections(0)}},
		"prefix with blank":      {location: "a", prefix: "my site", want: "blanks"},
		"prefix with newline":    {location: "a", prefix: "a\r\nflush_all", want: "control characters"},
		"prefix with DEL":        {location: "a", prefix: "a\x7f", want: "control characters"},
		"prefix too long":        {location: "a", prefix: strings.Repeat("p", 190), want: "250 bytes"},
		"prefix too long, bytes": {location: "a", prefix: strings.Repeat("é", 95), want: "250 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := django.New(settings(), cachestore.New(memcached.New(c.location, c.opts...), cachestore.WithKeyPrefix(c.prefix)))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want an error with %q", err, c.want)
			}
		})
	}
}

// TestImpossibleKeys: a key that memcached does not take is not sent; it counts as absent.
func TestImpossibleKeys(t *testing.T) {
	c := open(t, servers.Memcached(t).Addr())
	for _, key := range []string{"", "a b", "a\r\nflush_all\r\n", "a\x00", strings.Repeat("k", 251)} {
		if _, err := c.Get(t.Context(), key); !errors.Is(err, django.ErrNotFound) {
			t.Errorf("Get of %q: %v", key, err)
		}
		if err := c.Add(t.Context(), key, item("a"), time.Hour); err == nil || errors.Is(err, django.ErrExists) {
			t.Errorf("Add of %q: %v", key, err)
		}
		if _, err := c.Replace(t.Context(), key, item(""), item("a"), time.Hour); !errors.Is(err, django.ErrNotFound) {
			t.Errorf("Replace of %q: %v", key, err)
		}
		if _, err := c.Remove(t.Context(), key, item("")); !errors.Is(err, django.ErrNotFound) {
			t.Errorf("Remove of %q: %v", key, err)
		}
		if err := c.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete of %q: %v", key, err)
		}
	}
}

// TestNotOpened: a cache with a wrong location fails, however it is used.
func TestNotOpened(t *testing.T) {
	c := memcached.New("a:b")
	for _, op := range operations {
		if err := op.call(t.Context(), c, secretKey); err == nil || !strings.Contains(err.Error(), "port") {
			t.Errorf("%s: %v", op.name, err)
		}
	}
	if err := c.Check(t.Context()); err == nil {
		t.Error("Check: no error")
	}
}

// TestUnixSocket: a path is a Unix socket.
func TestUnixSocket(t *testing.T) {
	s := servers.Memcached(t)
	path := filepath.Join(t.TempDir(), "m.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", s.Addr())
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(server, client) }()
			go func() { _, _ = io.Copy(client, server) }()
		}
	}()
	for i, location := range []string{path, "unix:" + path} {
		key := secretKey + "socket" + string(rune('a'+i))
		add(t, open(t, location), key, "text", time.Hour)
		holds(t, open(t, s.Addr()), key, "text")
	}
}

// TestWithDialer: connections are made by the function that is given, to the server's address.
func TestWithDialer(t *testing.T) {
	errDialed := errors.New("dialed")
	var at string
	cache := memcached.New("cache.internal:11212", memcached.WithDialer(func(_ context.Context, network, address string) (net.Conn, error) {
		at = network + " " + address
		return nil, errDialed
	}))
	if _, err := cache.Get(t.Context(), "key"); !errors.Is(err, errDialed) || at != "tcp cache.internal:11212" {
		t.Errorf("connected to %q, error %v", at, err)
	}
}
