package djsession

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestObservabilityShowsTestedCode: the Go code in docs/observability.md is that of tests.
func TestObservabilityShowsTestedCode(t *testing.T) {
	sources := ""
	for _, path := range []string{"example_observer_test.go", "otelsession/example_test.go"} {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sources += string(source)
	}
	blocks := regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(pages(t)["docs/observability.md"], -1)
	if len(blocks) < 2 {
		t.Errorf("the page shows %d blocks", len(blocks))
	}
	for _, block := range blocks {
		if !strings.Contains(sources, "\n\n"+block[1]) {
			t.Errorf("docs/observability.md shows code that no test has:\n%s", block[1])
		}
	}
}

// TestObservabilityIsComplete: docs/observability.md has every operation, outcome, message
// and attribute.
func TestObservabilityIsComplete(t *testing.T) {
	page := pages(t)["docs/observability.md"]
	for path, pattern := range map[string]string{
		"django/observe.go":          `(?:Operation|Outcome) +(?:= |Operation = |Outcome = )"(\w+)"`,
		"django/eventlog.go":         `"([^"\n]+)"`,
		"otelsession/otelsession.go": `"((?:djsession|error)\.[^"]+)"`,
	} {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(pattern).FindAllStringSubmatch(string(source), -1)
		if len(names) < 6 {
			t.Errorf("%s has %d names", path, len(names))
		}
		for _, name := range names {
			if !strings.Contains(page, name[1]) && name[1] != "context" && name[1] != "log/slog" {
				t.Errorf("docs/observability.md lacks %q of %s", name[1], path)
			}
		}
	}
}
