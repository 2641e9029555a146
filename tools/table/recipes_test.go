package main

import (
	"strings"
	"testing"
)

// TestRecipesAreCurrent: docs/recipes.md shows the recipes as they are compiled.
func TestRecipesAreCurrent(t *testing.T) {
	t.Chdir("../..")
	if _, err := tables["recipes"].run(false); err != nil {
		t.Error(err)
	}
}

func TestRecipesOutdated(t *testing.T) {
	t.Chdir("../..")
	for name, c := range map[string]struct{ shown, want string }{
		"other code":        {"<!-- examples/recipes/chi.go -->\n```go\nx\n```\n", "outdated"},
		"a file is missing": {"", "nothing of examples/recipes/chi.go"},
		"no such file":      {"<!-- examples/recipes/none.go -->\n```go\n```\n", "none.go"},
		"no such function":  {"<!-- examples/recipes/chi.go None -->\n```go\n```\n", "chi.go does not have"},
	} {
		if _, err := recipes(c.shown, false); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	text, err := recipes("before\n<!-- examples/recipes/echo.go Echo EchoMiddleware -->\n```go\n```\nafter\n", true)
	if err == nil || !strings.HasPrefix(text, "before\n<!-- examples/recipes/echo.go Echo EchoMiddleware -->\n```go\n// Echo returns") ||
		!strings.HasSuffix(text, "\n\t}\n}\n```\nafter\n") || !strings.Contains(text, "}\n\n// EchoMiddleware is") || strings.Contains(text, "import") {
		t.Errorf("%v\n%s", err, text)
	}
}
