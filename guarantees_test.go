package djsession

import (
	"os"
	"strings"
	"testing"
)

// TestGuaranteesShowTheSnippet: what is printed is what the tests run.
func TestGuaranteesShowTheSnippet(t *testing.T) {
	doc, err := os.ReadFile("docs/guarantees.md")
	if err != nil {
		t.Fatal(err)
	}
	snippet, err := os.ReadFile("docs/snippets/locked_session.py")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), "```python\n"+string(snippet)+"```\n") {
		t.Error("docs/guarantees.md does not show docs/snippets/locked_session.py as it is")
	}
}
