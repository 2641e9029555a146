package djsession

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pages returns the Markdown pages for users, by path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, path := range append(paths, "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "dbstore/README.md", "python/README.md", "cachestore/rediscache/README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	return texts
}

// TestPagesLink: every relative link leads to a file, and to a heading of it.
func TestPagesLink(t *testing.T) {
	heading := regexp.MustCompile(`(?m)^#+ (.+)$`)
	removed := regexp.MustCompile("[^a-z0-9 _-]")
	texts := pages(t)
	anchors := map[string]bool{}
	for path, text := range texts {
		for _, h := range heading.FindAllStringSubmatch(text, -1) {
			name := removed.ReplaceAllString(strings.ToLower(h[1]), "")
			anchor := path + "#" + strings.ReplaceAll(name, " ", "-")
			for n, first := 1, anchor; anchors[anchor]; n++ { // as GitHub tells the same headings apart
				anchor = fmt.Sprint(first, "-", n)
			}
			anchors[anchor] = true
		}
	}
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for path, text := range texts {
		for _, l := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(l[1], "://") {
				continue
			}
			file, anchor, hasAnchor := strings.Cut(l[1], "#")
			target := path
			if file != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(path), file))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link to %s: %v", path, l[1], err)
			}
			if hasAnchor && !anchors[target+"#"+anchor] {
				t.Errorf("%s: the link to %s: there is no such heading", path, l[1])
			}
		}
	}
}

// TestPagesNameFiles: the Go files that the pages name exist.
func TestPagesNameFiles(t *testing.T) {
	file := regexp.MustCompile("`((?:[a-z0-9]+/)+[a-z0-9_]+\\.go)`")
	named := 0
	for path, text := range pages(t) {
		for _, f := range file.FindAllStringSubmatch(text, -1) {
			named++
			if _, err := os.Stat(f[1]); err != nil {
				t.Errorf("%s names %s, which does not exist", path, f[1])
			}
		}
	}
	if named < 40 {
		t.Errorf("the pages name %d files, want at least 40", named)
	}
}

// TestGuaranteesNameTests: the tests that docs/guarantees.md names exist.
func TestGuaranteesNameTests(t *testing.T) {
	_, table, found := strings.Cut(pages(t)["docs/guarantees.md"], "## How each line is shown")
	names := regexp.MustCompile(`Test[A-Z]\w+`).FindAllString(table, -1)
	if !found || len(names) < 40 {
		t.Fatalf("the page names %d tests, want at least 40", len(names))
	}
	var tests strings.Builder
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		tests.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.Contains(tests.String(), "\nfunc "+name+"(") {
			t.Errorf("there is no %s", name)
		}
	}
}
