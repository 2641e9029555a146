package memcached

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/murmur3"
)

// A Selection is how a client picks one of several servers for a key.
type Selection int

const (
	// Pymemcache is that of PyMemcacheCache: rendezvous hashing, as pymemcache's HashClient
	// does it by default. The order of the servers does not matter, but how each is written
	// does: "localhost" and "127.0.0.1" are two servers. It is the default.
	Pymemcache Selection = iota
	// Pylibmc is that of PyLibMCCache without the behaviors "hash" and "distribution": by the
	// order of the servers.
	Pylibmc
	// PylibmcKetama is that of PyLibMCCache with OPTIONS = {"behaviors": {"ketama": True}}.
	PylibmcKetama
)

// picker returns the function that returns the number of a key's server.
func (s Selection) picker(nodes []node) (func(key string) int, error) {
	unix := func(n node) bool { return n.network == "unix" }
	if s != Pymemcache && slices.ContainsFunc(nodes, unix) && slices.ContainsFunc(nodes, func(n node) bool { return !unix(n) }) {
		return nil, errors.New("memcached: pylibmc does not take TCP servers and Unix sockets together")
	}
	switch {
	case s < Pymemcache || s > PylibmcKetama:
		return nil, fmt.Errorf("memcached: unknown Selection %d", s)
	case len(nodes) == 1:
		return func(string) int { return 0 }, nil
	case s == Pylibmc:
		return func(key string) int { return int(oneAtATime(key) % uint32(len(nodes))) }, nil
	case s == PylibmcKetama:
		return ketama(nodes), nil
	}
	return rendezvous(nodes), nil
}

// rendezvous is pymemcache's RendezvousHash: the node with the highest hash.
func rendezvous(nodes []node) func(key string) int {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.name()
	}
	return func(key string) (winner int) {
		high := uint32(0)
		for i, name := range names {
			score := pythonMurmur3(name + "-" + key)
			if i == 0 || score > high || score == high && name > names[winner] {
				high, winner = score, i
			}
		}
		return winner
	}
}

// pythonMurmur3 is pymemcache's murmur3_32: it hashes the lowest byte of each code point.
func pythonMurmur3(text string) uint32 {
	if !ascii(text) {
		low := make([]byte, 0, len(text))
		for _, r := range text {
			low = append(low, byte(r))
		}
		text = string(low)
	}
	return murmur3.StringSum32(text)
}

// pointsPerServer is libmemcached's MEMCACHED_POINTS_PER_SERVER.
const pointsPerServer = 100

// ketama is libmemcached's distribution "consistent": the node of the first point that is not
// before the key's.
func ketama(nodes []node) func(key string) int {
	type point struct {
		at   uint32
		node int
	}
	points := make([]point, 0, len(nodes)*pointsPerServer)
	for i, n := range nodes {
		name := n.name()
		if n.port == defaultPort {
			name = n.host
		} else if n.network == "unix" {
			name = n.host + ":0"
		}
		for j := range pointsPerServer {
			points = append(points, point{oneAtATime(fmt.Sprintf("%s-%d", name, j)), i})
		}
	}
	slices.SortStableFunc(points, func(a, b point) int { return cmp.Compare(a.at, b.at) })
	return func(key string) int {
		hash := oneAtATime(key)
		i, _ := slices.BinarySearchFunc(points, hash, func(p point, hash uint32) int {
			if p.at < hash {
				return -1
			}
			return 1
		})
		return points[i%len(points)].node
	}
}

// oneAtATime is libmemcached's default hash, Jenkins's one-at-a-time.
func oneAtATime(key string) (hash uint32) {
	for i := range len(key) {
		hash += uint32(key[i])
		hash += hash << 10
		hash ^= hash >> 6
	}
	hash += hash << 3
	hash ^= hash >> 11
	return hash + hash<<15
}

func ascii(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) < 0
}
