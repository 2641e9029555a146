package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const module = "github.com/djsession/djsession/"

// notLibrary are the programs and what only tests need.
var notLibrary = []string{"cmd", "compat_test", "docs", "examples", "fixtures", "internal/testenv", "tools", "torture"}

// libraryPackage is a package that users of the module import, directly or not.
type libraryPackage struct {
	path, doc string
	imports   []string // packages of the project
	lines     int      // without tests
}

// total is the name of the last row.
const total = "all"

// packageMap is the packages of the library. The document is outdated if a package or an
// import is missing in it, or if a size is off by more than 15 %.
func packageMap(shown string, write bool) (string, error) {
	packages, err := libraryPackages()
	if err != nil {
		return "", err
	}
	text := renderMap(packages)
	if write {
		return text, nil
	}
	if problems := outdated(mapRows(shown), mapRows(text), packages); len(problems) > 0 {
		return text, fmt.Errorf("docs/architecture.md is outdated; renew it with `go run ./tools/table -write map`:\n%s", strings.Join(problems, "\n"))
	}
	return text, nil
}

// libraryPackages asks the go command for the packages, in the order of the table.
func libraryPackages() ([]libraryPackage, error) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,Name,Imports,GoFiles", "./...").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var packages []libraryPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var listed struct {
			ImportPath, Dir, Doc, Name string
			Imports, GoFiles           []string
		}
		if err := decoder.Decode(&listed); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		path, ok := strings.CutPrefix(listed.ImportPath, module)
		if !ok || len(listed.GoFiles) == 0 || slices.ContainsFunc(notLibrary, func(dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }) {
			continue
		}
		p := libraryPackage{path: path, doc: strings.TrimSuffix(strings.TrimPrefix(listed.Doc, "Package "+listed.Name+" "), ".")}
		for _, i := range listed.Imports {
			if i, ok := strings.CutPrefix(i, module); ok {
				p.imports = append(p.imports, i)
			}
		}
		if p.lines, err = linesOf(listed.Dir); err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
	slices.SortStableFunc(packages, func(a, b libraryPackage) int {
		if a, b := strings.HasPrefix(a.path, "internal/"), strings.HasPrefix(b.path, "internal/"); a != b {
			if a {
				return 1
			}
			return -1
		}
		return strings.Compare(a.path, b.path)
	})
	return packages, nil
}

// linesOf counts the lines of the Go files in a directory, for all systems, without tests.
func linesOf(dir string) (int, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return 0, err
	}
	lines := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		lines += bytes.Count(text, []byte("\n"))
	}
	return lines, nil
}

func renderMap(packages []libraryPackage) string {
	text := header("package", "what it is", "imports of the project", "lines")
	sum := 0
	for _, p := range packages {
		text += row("`"+p.path+"`", p.doc, strings.Join(p.imports, ", "), rounded(p.lines))
		sum += p.lines
	}
	return text + row(total, "", "", rounded(sum))
}

func rounded(lines int) string { return strconv.Itoa(max(50, (lines+25)/50*50)) }

// mapRow is what the table says of a package.
type mapRow struct {
	imports string
	lines   int
}

// mapRows reads the rows of a table by their packages.
func mapRows(table string) map[string]mapRow {
	rows := map[string]mapRow{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) != 4 {
			continue
		}
		if lines, err := strconv.Atoi(cells[3]); err == nil {
			rows[strings.Trim(cells[0], "`")] = mapRow{strings.TrimSpace(cells[2]), lines}
		}
	}
	return rows
}

// outdated says what differs between two tables.
func outdated(shown, current map[string]mapRow, packages []libraryPackage) (problems []string) {
	exact, sum := map[string]int{}, 0
	for _, p := range packages {
		exact[p.path] = p.lines
		sum += p.lines
	}
	exact[total] = sum
	for path := range shown {
		if _, ok := current[path]; !ok {
			problems = append(problems, path+" is no package of the library")
		}
	}
	for path, want := range current {
		got, ok := shown[path]
		switch difference := math.Abs(float64(got.lines - exact[path])); {
		case !ok:
			problems = append(problems, path+" is missing")
		case got.imports != want.imports:
			problems = append(problems, fmt.Sprintf("%s imports %s, not %s", path, want.imports, got.imports))
		case difference > max(50, 0.15*float64(exact[path])):
			problems = append(problems, fmt.Sprintf("%s has %d lines, not %d", path, exact[path], got.lines))
		}
	}
	slices.Sort(problems)
	return problems
}
