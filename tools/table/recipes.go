package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// shownCode is a block of code below the comment that says where it is from: a file, which
// is shown without its package clause, or declarations of it.
//
//	<!-- examples/recipes/echo.go Echo -->
var shownCode = regexp.MustCompile("(?ms)^<!-- (examples/recipes/[^ ]+)((?: \\w+)*) -->\n```.*?^```$")

// recipes is the part of docs/recipes.md that shows code. The document is outdated if it
// shows other code than the files have, or nothing of one of them.
func recipes(shown string, write bool) (string, error) {
	var problems []error
	found := map[string]bool{}
	text := shownCode.ReplaceAllStringFunc(shown, func(block string) string {
		parts := shownCode.FindStringSubmatch(block)
		file, names := parts[1], strings.Fields(parts[2])
		found[file] = true
		code, err := codeOf(file, names)
		if err != nil {
			problems = append(problems, err)
			return block
		}
		first, _, _ := strings.Cut(block, "\n")
		language := strings.NewReplacer(".conf", "nginx").Replace(filepath.Ext(file))
		return fmt.Sprintf("%s\n```%s\n%s\n```", first, strings.TrimPrefix(language, "."), code)
	})
	files, err := filepath.Glob("examples/recipes/*.go")
	if err != nil {
		return "", err
	}
	for _, file := range files {
		if !found[file] && !strings.HasSuffix(file, "_test.go") {
			problems = append(problems, fmt.Errorf("nothing of %s is shown", file))
		}
	}
	if text != shown && !write {
		problems = append(problems, errors.New("docs/recipes.md is outdated; renew it with `go run ./tools/table -write recipes`"))
	}
	return text, errors.Join(problems...)
}

// codeOf returns the code of a file after its package clause, or these declarations of it,
// with their comments.
func codeOf(file string, names []string) (string, error) {
	source, err := os.ReadFile(file)
	if err != nil || filepath.Ext(file) != ".go" {
		return string(bytes.TrimSpace(source)), err
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, source, parser.ParseComments)
	if err != nil {
		return "", err
	}
	offset := func(p token.Pos) int { return files.Position(p).Offset }
	if len(names) == 0 {
		return string(bytes.TrimSpace(source[offset(parsed.Name.End()):])), nil
	}
	var shown []string
	for _, name := range names {
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Name.Name != name {
				continue
			}
			from := f.Pos()
			if f.Doc != nil {
				from = f.Doc.Pos()
			}
			shown = append(shown, string(source[offset(from):offset(f.End())]))
		}
	}
	if len(shown) != len(names) {
		return "", fmt.Errorf("%s does not have exactly one function of each name: %s", file, strings.Join(names, " "))
	}
	return strings.Join(shown, "\n\n"), nil
}
