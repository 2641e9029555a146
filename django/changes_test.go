package django

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/djsession/djsession/serializer"
)

// Whatever was done to a dict, in whatever order, the changes do to another one.
func TestChangesAreWhatWasDone(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 2000 {
		keys := 1 + random.IntN(40)
		start, other := new(serializer.Dict), new(serializer.Dict)
		for i := range random.IntN(keys) {
			start.Set(fmt.Sprint(i), number(t, i))
		}
		for i := range random.IntN(keys) {
			other.Set(fmt.Sprint(2*i), number(t, -i))
		}
		done := start.Clone()
		var c, first changes
		for n := range random.IntN(120) {
			key := fmt.Sprint(random.IntN(keys))
			switch random.IntN(60) {
			case 0:
				done.Clear()
				c.clearAll()
			case 1: // what was done up to here, and then what comes later
				first.then(&c)
				c = changes{}
			default:
				if random.IntN(2) == 0 {
					done.Set(key, number(t, n))
					c.set(key, number(t, n))
				} else {
					done.Delete(key)
					c.del(key)
				}
			}
		}
		first.then(&c)
		copied := first.clone()
		first.apply(start)
		if got, want := text(t, start), text(t, done); got != want {
			t.Fatalf("round %d: %s, want %s", round, got, want)
		}
		// On another writer's dict every key that was set or deleted is as here.
		copied.apply(other)
		for i := range keys {
			key := fmt.Sprint(i)
			if copied.clear || slices.ContainsFunc(copied.list, func(ch change) bool { return ch.key == key }) {
				got, there := other.Get(key)
				want, wanted := done.Get(key)
				if there != wanted || !got.Equal(want) {
					t.Fatalf("round %d: key %s: %v %t, want %v %t", round, key, got, there, want, wanted)
				}
			}
		}
	}
}

// Setting and deleting one key for ever takes no memory.
func TestChangesDoNotGrow(t *testing.T) {
	var c changes
	for n := range 100_000 {
		c.del("a")
		c.set("a", number(t, n))
		c.set(fmt.Sprint(n%50), number(t, n))
		c.del(fmt.Sprint(n % 50))
	}
	if len(c.list) > 51 {
		t.Errorf("%d changes for 51 keys", len(c.list))
	}
}

func number(t *testing.T, n int) serializer.Value {
	t.Helper()
	v, err := serializer.Encode(n)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func text(t *testing.T, d *serializer.Dict) string {
	t.Helper()
	b, err := serializer.JSON.Dumps(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
