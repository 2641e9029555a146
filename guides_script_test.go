package djsession

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// guideBlock is a block of code on a page.
type guideBlock struct {
	language, text string
}

// guideBlocks returns the blocks of code on a page.
func guideBlocks(page string) (blocks []guideBlock) {
	for _, found := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		blocks = append(blocks, guideBlock{found[1], found[2]})
	}
	return blocks
}

// guideMark separates what the blocks of commands print.
const guideMark = "\x01\n"

// guideScript is what a page says, as a script for bash.
type guideScript struct {
	t        *testing.T
	steps    string // the directory of the files as they are at each step
	text     strings.Builder
	files    map[string]string // Go files by path, as they are now
	outputs  []string          // what each block of commands prints; empty if the page does not say
	compared int
}

// newGuideScript makes the script. Go blocks begin with a comment that names their file, others
// with one that names the file that they are added to; a diff changes one of the Go files.
func newGuideScript(t *testing.T, page string, replace *strings.Replacer, steps string) *guideScript {
	t.Helper()
	if err := os.Mkdir(steps, 0o700); err != nil {
		t.Fatal(err)
	}
	s := &guideScript{t: t, steps: steps, files: map[string]string{}}
	s.text.WriteString("set -eo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n")
	for _, b := range guideBlocks(pages(t)[page]) {
		text := replace.Replace(b.text)
		first, _, _ := strings.Cut(text, "\n")
		switch b.language {
		case "sh":
			s.commands(text)
		case "text":
			s.outputs[len(s.outputs)-1] = text
			s.compared++
		case "go":
			path := strings.TrimPrefix(first, "// ")
			s.files[path] = text
			s.file("cp %s %s", path, text)
		case "python":
			s.file("cat %s >> %s", strings.TrimPrefix(first, "# "), text)
		case "diff":
			s.change(text)
		default:
			t.Fatalf("%s: a block of %q is not run", page, b.language)
		}
	}
	return s
}

// file adds a command with a file of this content and a path.
func (s *guideScript) file(command, path, content string) {
	s.t.Helper()
	if !regexp.MustCompile(`^[a-z/]+\.(go|py)$`).MatchString(path) {
		s.t.Fatalf("a block begins with %q, not with the name of its file", path)
	}
	file, err := os.CreateTemp(s.steps, "*")
	if err == nil {
		_, err = file.WriteString(content)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	file.Close()
	fmt.Fprintf(&s.text, "mkdir -p %s\n"+command+"\n", filepath.Dir(path), file.Name(), path)
}

// change adds the change of the one Go file that has the lines.
func (s *guideScript) change(diff string) {
	s.t.Helper()
	for path, text := range s.files {
		if after, ok := applyDiff(text, diff); ok {
			s.files[path] = after
			s.file("cp %s %s", path, after)
			return
		}
	}
	s.t.Fatalf("no file has the lines that this changes once:\n%s", diff)
}

// What a reader does with the lines as they are printed: choose those for a clone, wait until a
// server listens, and until one has ended.
var (
	cloneLine  = regexp.MustCompile(`^.* # from a clone: (.*)$`)
	serverLine = regexp.MustCompile(`^(.*[^&]) &(?: .*)?$`)
	killLine   = regexp.MustCompile(`^kill (%\d)$`)
	address    = regexp.MustCompile(`127\.0\.0\.1:\d+`)
)

// commands adds a block of commands.
func (s *guideScript) commands(block string) {
	s.outputs = append(s.outputs, "")
	fmt.Fprintf(&s.text, "printf '\\1\\n'\n")
	for line := range strings.SplitSeq(block, "\n") {
		line = cloneLine.ReplaceAllString(line, "$1")
		line = killLine.ReplaceAllString(line, "kill $1; wait $1 || true")
		if server := serverLine.FindStringSubmatch(line); server != nil {
			host, port, _ := strings.Cut(address.FindString(line), ":")
			line = server[1] + " >/dev/null &\nfor i in {1..1200}; do (: </dev/tcp/" + host + "/" + port + ") 2>/dev/null && break; sleep 0.1; done"
		}
		s.text.WriteString(line + "\n")
	}
}
