package compat

import (
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// TestPickles: Go loads sessions that each Python pickled in any protocol, sets one key and writes them. Python then finds
// everything else as it was: equal, of the same types, and one object where it was one.
func TestPickles(t *testing.T) {
	versions := testenv.Djangos(t)
	if !full {
		versions = []testenv.Django{versions[0], versions[len(versions)-1]} // of the oldest and the newest Python
	}
	for _, version := range versions {
		t.Run(version.Name, func(t *testing.T) {
			t.Parallel()
			worker := version.Start(t, testenv.Config{})
			const seed, set = 11, "set by Go"
			pickles := testenv.Ask[[][]byte](t, worker, "pickle_random", testenv.Args{"seed": seed, "count": times(500, 40)})
			opaque, entangled := 0, 0
			for i, p := range pickles {
				d, err := serializer.Pickle.Loads(p)
				if err != nil && strings.Contains(err.Error(), "objects that contain each other") {
					pickles[i] = nil
					entangled++
					continue
				}
				if err != nil {
					t.Fatalf("session %d: %v", i, err)
				}
				for v := range d.Values() {
					if v.Format() == serializer.FormatPickle {
						opaque++
					}
				}
				v, err := serializer.EncodePickle([]byte("by Go"))
				if err != nil {
					t.Fatal(err)
				}
				d.Set(set, v)
				if pickles[i], err = serializer.Pickle.Dumps(d); err != nil {
					t.Fatalf("session %d: %v", i, err)
				}
			}
			if entangled > len(pickles)/4 {
				t.Errorf("%d of %d sessions are refused for their cycles", entangled, len(pickles))
			}
			if opaque < len(pickles) {
				t.Errorf("only %d values that JSON cannot hold", opaque)
			}
			for i, wrong := range testenv.Ask[[]*string](t, worker, "pickle_compare", testenv.Args{"seed": seed, "pickles": pickles, "set": set}) {
				if wrong != nil {
					t.Errorf("session %d: %s", i, *wrong)
				}
			}
		})
	}
}
