package djsession

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers are the library's packages from the lowest layer to the highest. A package
// imports internal packages and those of lower layers. An internal package imports
// internal packages only.
var layers = [][]string{
	{"serializer", "auth/hashers"},
	{"signing"},
	{"django"},
	{"django/storetest", "memstore", "dbstore", "cachestore", "filestore", "cookiestore", "csrf", "messages"},
	{"cachestore/rediscache", "cachestore/djangoredis", "cachestore/memcached", "cachestore/dbcache", "cachestore/filecache"},
	{"auth"},
	{"auth/usertable"},
	{"djangotest"},
}

// compression is the module that package signing, all above it and two internal packages need, directly or not.
const compression = "github.com/klauspost/compress"

// modules are what packages need of other modules besides, directly or not. All others need
// the standard library only. No library package needs a driver.
var modules = map[string][]string{
	"internal/sqldb":         {"github.com/jmoiron/sqlx"},
	"dbstore":                {"github.com/jmoiron/sqlx"},
	"cachestore/dbcache":     {"github.com/jmoiron/sqlx"},
	"cachestore/rediscache":  {"github.com/redis/go-redis", "github.com/cespare/xxhash", "go.uber.org/atomic", "golang.org/x/sys"},
	"cachestore/memcached":   {"github.com/bradfitz/gomemcache", "github.com/twmb/murmur3"},
	"cachestore/djangoredis": {"github.com/pierrec/lz4", "github.com/mikelolasagasti/xz", "github.com/tinylib/msgp", "github.com/philhofer/fwd"},
	"internal/filelock":      {"golang.org/x/sys"},
	"cachestore/filecache":   {"golang.org/x/sys"},
	"filestore":              {"golang.org/x/sys"},
	"auth/hashers":           {"golang.org/x/crypto", "golang.org/x/sys"},
	"auth":                   {"golang.org/x/crypto", "golang.org/x/sys", "golang.org/x/text"},
	"auth/usertable":         {"golang.org/x/crypto", "golang.org/x/sys", "golang.org/x/text", "github.com/jmoiron/sqlx"},
	"djangotest":             {"golang.org/x/crypto", "golang.org/x/sys", "golang.org/x/text"},
}

// TestLibraryStaysLight: who imports a library package gets no driver, no
// command-line library, and nothing that only tests need; and imports run
// downwards only.
func TestLibraryStaysLight(t *testing.T) {
	const module = "github.com/djsession/djsession/"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for line := range strings.Lines(string(out)) {
		deps := strings.Fields(line)
		pkg := strings.TrimPrefix(deps[0], module)
		layer := layerOf(pkg)
		if layer < 0 {
			continue
		}
		checked++
		for _, dep := range deps[1:] {
			domain, _, _ := strings.Cut(dep, "/")
			path, ours := strings.CutPrefix(dep, module)
			switch below := layerOf(path); {
			case !strings.Contains(domain, "."): // the standard library
			case ours && below >= 0 && strings.HasPrefix(path, "internal/"):
			case ours && 0 < below && below < layer:
			case path == "fixtures" && pkg == "djangotest":
			case !ours && slices.ContainsFunc(needs(pkg), func(m string) bool { return strings.HasPrefix(dep+"/", m+"/") }):
			default:
				t.Errorf("%s imports %s", pkg, dep)
			}
		}
	}
	if checked < len(layers) {
		t.Errorf("%d packages were checked", checked)
	}
}

// needs returns the modules that a package may need.
func needs(pkg string) []string {
	if layerOf(pkg) >= layerOf("signing") || pkg == "internal/payload" || pkg == "internal/pyzlib" {
		return append([]string{compression}, modules[pkg]...)
	}
	return modules[pkg]
}

// layerOf returns the layer of a package: 0 for an internal one, and for fixtures and
// torture, which import nothing; -1 for all that may import anything.
func layerOf(pkg string) int {
	switch {
	case strings.HasPrefix(pkg, "internal/testenv"):
		return -1
	case pkg == "fixtures", pkg == "torture", strings.HasPrefix(pkg, "internal/"):
		return 0
	}
	i := slices.IndexFunc(layers, func(packages []string) bool { return slices.Contains(packages, pkg) })
	if i < 0 {
		return -1
	}
	return i + 1
}

// TestFilesAreShort: a Go file has at most 300 lines.
func TestFilesAreShort(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case filepath.Ext(path) != ".go":
			return nil
		}
		content, err := os.ReadFile(path)
		if lines := bytes.Count(content, []byte("\n")); lines > 300 {
			t.Errorf("%s has %d lines: split it by concept", path, lines)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
