package signing

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// secretName is what is called like something that nobody may find out by measuring how long a comparison takes.
var secretName = regexp.MustCompile(`(?i)mac|sum\b|sum\(|digest|signature|hash|token|secret|password|encoded|masked|salt`)

// harmless are the comparisons with == of things that are called so, and why they tell nothing.
var harmless = map[string]string{
	"csrf/request.go: masked == q.p.masks()":                        "two booleans",
	"csrf/token.go: characters != secretLength":                     "a length",
	"csrf/token.go: characters == secretLength":                     "a length",
	"csrf/token.go: characters != tokenLength":                      "a length",
	"auth/login.go: mac != &l.hash.macs[0]":                         "which of the secrets accepted the hash",
	"auth/verdict.go: reason != ErrHashMalformed":                   "two errors",
	"auth/hmac.go: keySalt != SessionAuthHashSalt":                  "two salts, which are in the source",
	"auth/hashers/argon2.go: s.algorithm+h.text(digest) != encoded": "a stored hash and the same hash written again: nothing that a visitor gave",
	"auth/hashers/legacy.go: unsalted == (fields[1] == \"\")":       "whether there is a salt",
	"auth/usertable/update.go: old == encoded":                      "two hashes of the caller's own, neither of which a visitor gave",
}

// TestSecretsAreComparedInConstantTime reads the source: whatever is called like a signature, a token or a hash is
// compared by crypto/subtle or crypto/hmac, and never by ==, a switch, or a function that stops at the first difference.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	constant := 0
	var found []string
	for _, dir := range []string{".", "../django", "../csrf", "../auth", "../auth/hashers", "../auth/usertable"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", dir, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			n, suspects := comparisons(t, file)
			constant += n
			found = append(found, suspects...)
		}
	}
	for _, f := range found {
		if harmless[f] == "" {
			t.Errorf("%s: compare in constant time, or say in harmless why it tells nothing", f)
		}
	}
	for f := range harmless {
		if !slices.Contains(found, f) {
			t.Errorf("%s: harmless, but no longer there", f)
		}
	}
	if constant < 5 {
		t.Errorf("%d comparisons in constant time were found: is this looking at the right files?", constant)
	}
}

// comparisons counts the calls that compare in constant time, and returns the comparisons that do not and look as if
// they should.
func comparisons(t *testing.T, file string) (constant int, suspects []string) {
	t.Helper()
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	text := func(n ast.Node) string {
		var b strings.Builder
		if err := printer.Fprint(&b, fset, n); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	suspect := func(n ast.Node, operands ...ast.Expr) {
		if slices.ContainsFunc(operands, plainlyPublic) {
			return
		}
		if slices.ContainsFunc(operands, func(e ast.Expr) bool { return secretName.MatchString(text(e)) }) {
			suspects = append(suspects, strings.TrimPrefix(file, "../")+": "+text(n))
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				suspect(n, n.X, n.Y)
			}
		case *ast.SwitchStmt:
			if n.Tag != nil && secretName.MatchString(text(n.Tag)) {
				suspects = append(suspects, strings.TrimPrefix(file, "../")+": switch "+text(n.Tag))
			}
		case *ast.CallExpr:
			switch name := text(n.Fun); name {
			case "hmac.Equal", "subtle.ConstantTimeCompare":
				constant++
			case "bytes.Equal", "bytes.Compare", "bytes.HasPrefix", "strings.EqualFold", "strings.Compare", "slices.Equal", "slices.Contains",
				"reflect.DeepEqual", "cmp.Compare":
				suspect(n, n.Args...)
			}
		}
		return true
	})
	return constant, suspects
}

// plainlyPublic reports whether e is a literal, nil, a length or an error: comparing with it shows no byte of a secret.
func plainlyPublic(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "err" || e.Name == "true" || e.Name == "false"
	case *ast.CallExpr:
		fun, ok := e.Fun.(*ast.Ident)
		return ok && (fun.Name == "len" || fun.Name == "cap")
	}
	return false
}

// TestTheReaderOfComparisonsSees: what the test above looks for, it finds.
func TestTheReaderOfComparisonsSees(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.go")
	source := `package a
func f() {
	_ = sum == want
	_ = bytes.Equal(got, digest(x))
	_ = strings.EqualFold(token, y)
	switch password { case other: }
	_ = s.Hash != o.Hash
	_ = hash == "" || len(token) == 3 || err == nil
	_ = hmac.Equal(sum, want)
	_ = key == name
}
`
	if err := os.WriteFile(file, []byte(source), fs.ModePerm); err != nil {
		t.Fatal(err)
	}
	constant, suspects := comparisons(t, file)
	if constant != 1 || len(suspects) != 5 {
		t.Errorf("%d in constant time and %d suspects: %q", constant, len(suspects), suspects)
	}
}

// A comparison that stops at the first difference would be faster for FirstByte than for LastByte.
func BenchmarkCompare(b *testing.B) {
	s := benchSigner(b)
	good := s.Signature("value")
	change := func(i int) string {
		c := byte('A')
		if good[i] == c {
			c = 'B'
		}
		return good[:i] + string(c) + good[i+1:]
	}
	for name, signature := range map[string]string{"Equal": good, "FirstByte": change(0), "LastByte": change(len(good) - 1)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.macs[0].matches("value", signature)
			}
		})
	}
}
