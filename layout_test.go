package djsession

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestLibraryStaysLight: who imports a library package gets no driver, no
// command-line library, and nothing that only tests need; and imports run
// downwards only.
func TestLibraryStaysLight(t *testing.T) {
	const module = "github.com/djsession/djsession/"
	signing := []string{"internal/pybase64", "internal/pyjson"}
	serializer := []string{"internal/pyjson"}
	django := append([]string{"serializer", "signing", "internal/cookie", "internal/djversion", "internal/response"}, signing...)
	sql := append([]string{"django", "internal/sqldb", "github.com/jmoiron/sqlx", "github.com/jmoiron/sqlx/reflectx"}, django...)
	for pkg, allowed := range map[string][]string{
		"signing":          signing,
		"serializer":       serializer,
		"fixtures":         nil,
		"django":           django,
		"django/storetest": append([]string{"django"}, django...),
		"dbstore":          sql,
	} {
		t.Run(pkg, func(t *testing.T) {
			out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./"+pkg).Output()
			if err != nil {
				t.Fatal(err)
			}
			for _, dep := range strings.Fields(string(out)) {
				if dep = strings.TrimPrefix(dep, module); dep != pkg && !slices.Contains(allowed, dep) {
					t.Errorf("imports %s", dep)
				}
			}
		})
	}
}
