package djsession

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFrameworksShowTestedCode: the Go code in docs/frameworks.md is that of
// examples/frameworks, whose own tests run it.
func TestFrameworksShowTestedCode(t *testing.T) {
	doc, err := os.ReadFile("docs/frameworks.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(string(doc), -1)
	for _, name := range []string{"site", "nethttp", "chi", "gin", "echo", "fiber"} {
		source, err := os.ReadFile(filepath.Join("examples/frameworks", name+".go"))
		if err != nil {
			t.Fatal(err)
		}
		before := len(blocks)
		rest := blocks[:0]
		for _, block := range blocks {
			if !strings.Contains(string(source), "\n\n"+block[1]) {
				rest = append(rest, block)
			}
		}
		if blocks = rest; len(blocks) == before {
			t.Errorf("docs/frameworks.md shows nothing of %s.go", name)
		}
	}
	for _, block := range blocks {
		t.Errorf("docs/frameworks.md shows code that is not in examples/frameworks:\n%s", block[1])
	}
}
