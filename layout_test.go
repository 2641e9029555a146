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
	signing := []string{"internal/budget", "internal/isodate", "internal/localtime", "internal/pybase64", "internal/pyjson"}
	serializer := []string{"internal/isodate", "internal/localtime", "internal/pyjson"}
	django := append([]string{"serializer", "signing", "internal/cookie", "internal/djversion", "internal/netloc", "internal/randomstring", "internal/response", "internal/safeurl", "internal/slot"}, signing...)
	sql := []string{"internal/sqldb", "github.com/jmoiron/sqlx", "github.com/jmoiron/sqlx/reflectx"}
	csrf := append([]string{"django", "internal/csrfctx", "internal/origin"}, django...)
	hashers := []string{"internal/djversion", "internal/randomstring", "golang.org/x/crypto/...", "golang.org/x/sys/cpu"}
	auth := slices.Concat([]string{"auth/hashers", "internal/safeurl", "golang.org/x/text/..."}, csrf, hashers)
	for pkg, allowed := range map[string][]string{
		"signing":          signing,
		"serializer":       serializer,
		"fixtures":         nil,
		"django":           django,
		"django/storetest": append([]string{"django"}, django...),
		"memstore":         append([]string{"django"}, django...),
		"dbstore":          slices.Concat([]string{"django"}, sql, django),
		"csrf":             csrf,
		"auth":             auth,
		"auth/hashers":     hashers,
		"torture":          nil,
		"auth/usertable":   slices.Concat([]string{"auth", "dbstore"}, sql, auth),
	} {
		t.Run(pkg, func(t *testing.T) {
			out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./"+pkg).Output()
			if err != nil {
				t.Fatal(err)
			}
			for _, dep := range strings.Fields(string(out)) {
				if dep = strings.TrimPrefix(dep, module); dep != pkg && !slices.ContainsFunc(allowed, func(a string) bool { return covers(a, dep) }) {
					t.Errorf("imports %s", dep)
				}
			}
		})
	}
}

// covers reports whether the allowed path is this package, or one that it is in.
func covers(allowed, dep string) bool {
	if tree, ok := strings.CutSuffix(allowed, "/..."); ok {
		return strings.HasPrefix(dep, tree+"/")
	}
	return allowed == dep
}
