package serializer

import (
	"fmt"
	"slices"
	"testing"
)

func TestChangesWhileLooping(t *testing.T) {
	for _, size := range []int{4, 40} {
		fresh := func() *Dict {
			d := &Dict{}
			for i := range size {
				d.Set(fmt.Sprintf("k%02d", i), mustEncode(t, i))
			}
			return d
		}
		t.Run(fmt.Sprintf("delete each of %d", size), func(t *testing.T) {
			d, seen := fresh(), 0
			for key := range d.Keys() {
				seen++
				d.Delete(key)
			}
			if seen != size || d.Len() != 0 {
				t.Errorf("saw %d, left %d", seen, d.Len())
			}
		})
		t.Run(fmt.Sprintf("delete one ahead of %d", size), func(t *testing.T) {
			d := fresh()
			var seen []string
			for key := range d.All() {
				seen = append(seen, key)
				d.Delete("k02")
			}
			if len(seen) != size-1 || slices.Contains(seen, "k02") {
				t.Errorf("saw %v", seen)
			}
		})
		t.Run(fmt.Sprintf("set and add in %d", size), func(t *testing.T) {
			d := fresh()
			var seen []string
			for key, value := range d.All() {
				seen = append(seen, key+"="+string(value.Bytes()))
				d.Set("k03", mustEncode(t, "later"))
				for i := range 100 { // enough to move the entries
					d.Set(fmt.Sprintf("%s-%d", key, i), Value{})
				}
				d.Delete("k01")
			}
			if len(seen) != size-1 || seen[0] != "k00=0" || seen[1] != "k02=2" || seen[2] != `k03="later"` {
				t.Errorf("saw %v", seen)
			}
		})
		t.Run(fmt.Sprintf("clear in %d", size), func(t *testing.T) {
			d, seen := fresh(), 0
			for range d.All() {
				seen++
				d.Clear()
			}
			if seen != 1 {
				t.Errorf("saw %d", seen)
			}
		})
		t.Run(fmt.Sprintf("break in %d", size), func(t *testing.T) {
			d, seen := fresh(), 0
			for range d.Keys() {
				seen++
				break
			}
			for range d.Values() {
				seen++
				break
			}
			if seen != 2 {
				t.Errorf("saw %d", seen)
			}
		})
	}
}
