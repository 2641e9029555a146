package djsession

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestLibraryStaysLight: who imports a library package gets no driver, no
// command-line library, and nothing that only tests need.
func TestLibraryStaysLight(t *testing.T) {
	const module = "github.com/djsession/djsession"
	allowed := map[string][]string{
		"signing":    nil,
		"serializer": nil,
		"fixtures":   nil,
		"django":     nil,
		"dbstore":    {"github.com/jmoiron/sqlx", "github.com/jmoiron/sqlx/reflectx"},
	}
	for pkg, extra := range allowed {
		t.Run(pkg, func(t *testing.T) {
			out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./"+pkg).Output()
			if err != nil {
				t.Fatal(err)
			}
			for _, dep := range strings.Fields(string(out)) {
				if !strings.HasPrefix(dep, module) && !slices.Contains(extra, dep) {
					t.Errorf("imports %s", dep)
				}
			}
		})
	}
}
