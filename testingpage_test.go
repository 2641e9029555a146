package djsession

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTestingShowsTestedCode: the code in docs/testing.md is that of examples/testing, whose
// own tests run it.
func TestTestingShowsTestedCode(t *testing.T) {
	sources := map[string]string{}
	for language, path := range map[string]string{"go": "service/main_test.go", "python": "site/shop/settings_test.py"} {
		source, err := os.ReadFile("examples/testing/" + path)
		if err != nil {
			t.Fatal(err)
		}
		sources[language] = "\n" + string(source)
	}
	page, err := os.ReadFile("docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```(go|python)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	if tests := strings.Count(sources["go"], "\nfunc Test"); len(blocks) != tests+1 {
		t.Errorf("docs/testing.md shows %d pieces of code, want the %d tests and the settings", len(blocks), tests)
	}
	for _, block := range blocks {
		if !strings.Contains(sources[block[1]], "\n"+block[2]) {
			t.Errorf("docs/testing.md shows code that is not in examples/testing:\n%s", block[2])
		}
	}
}
