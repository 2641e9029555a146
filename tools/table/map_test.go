package main

import (
	"slices"
	"testing"
)

// TestMapIsCurrent: docs/architecture.md shows the packages as they are.
func TestMapIsCurrent(t *testing.T) {
	t.Chdir("../..")
	if _, err := tables["map"].run(false); err != nil {
		t.Error(err)
	}
}

func TestMapOutdated(t *testing.T) {
	packages := []libraryPackage{
		{path: "a", doc: "does a", imports: []string{"b", "c"}, lines: 1000},
		{path: "b", lines: 20},
	}
	current := mapRows(renderMap(packages))
	for name, c := range map[string]struct {
		shown []libraryPackage
		want  []string
	}{
		"current":          {packages, nil},
		"within 15 %":      {[]libraryPackage{{path: "a", imports: []string{"b", "c"}, lines: 1140}, {path: "b", lines: 10}}, nil},
		"size":             {[]libraryPackage{{path: "a", imports: []string{"b", "c"}, lines: 1200}, {path: "b"}}, []string{"a has 1000 lines, not 1200", "all has 1020 lines, not 1200"}},
		"import":           {[]libraryPackage{{path: "a", imports: []string{"b"}, lines: 1000}, {path: "b"}}, []string{"a imports b, c, not b"}},
		"missing":          {[]libraryPackage{{path: "a", imports: []string{"b", "c"}, lines: 1000}}, []string{"b is missing"}},
		"no package of it": {append([]libraryPackage{{path: "d"}}, packages...), []string{"d is no package of the library"}},
	} {
		if got := outdated(mapRows(renderMap(c.shown)), current, packages); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
