package tools

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMatrixEndsWithTheFullRun: `make compat-table` uses the outcome of the last run of all
// tests. In `make matrix` that must be the full one.
func TestMatrixEndsWithTheFullRun(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^matrix:\n\t@REQUIRE=all DJSESSION_MATRIX=full tools/steps (.*)$`).FindSubmatch(makefile)
	if found == nil {
		t.Fatal("the Makefile has no steps for matrix")
	}
	steps := strings.Fields(string(found[1]))
	releases, race, summary := slices.Index(steps, "releases"), slices.Index(steps, "race"), slices.Index(steps, "summary")
	if releases < 0 || race < releases || summary < race {
		t.Errorf("the steps are %q; want releases, race and summary in that order", steps)
	}
}
