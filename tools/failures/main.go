// Command failures prints the failed tests of what go test printed, with or without -v, each
// with its own lines: failures [-lines N] FILE...
//
// It prints at most about N lines in all, but the name of every failed test. Of a file without a
// failed test it prints the end. What it prints reads like go test's output, and can be read by
// failures again.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

func main() {
	lines := flag.Int("lines", 36, "print about so many `lines` in all")
	flag.Parse()
	var failed []failure
	for _, path := range flag.Args() {
		found, err := readFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, "failures:", err)
			os.Exit(1)
		}
		failed = append(failed, found...)
	}
	out := bufio.NewWriter(os.Stdout)
	write(out, failed, *lines)
	if err := out.Flush(); err != nil {
		os.Exit(1)
	}
}

func readFile(path string) ([]failure, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return read(file)
}

// maxLine is where a line is cut, in bytes.
const maxLine = 300

// write prints failures in about so many lines.
func write(out io.Writer, failed []failure, lines int) {
	each := 1
	if len(failed) > 0 {
		each = max(each, lines/len(failed)-2)
	}
	for i, f := range failed {
		for _, line := range append(f.title(), f.shorten(each)...) {
			if len(line) > maxLine {
				line = strings.ToValidUTF8(line[:maxLine], "") + "..."
			}
			_, _ = fmt.Fprintln(out, line)
		}
		if i == len(failed)-1 || failed[i+1].result != f.result {
			_, _ = fmt.Fprintln(out, f.result)
		}
	}
}

// frames are the lines of a trace that say nothing about a failure.
var frames = regexp.MustCompile(`^\s*(testing\.|runtime\.|panic\(|created by testing|\S*/src/(testing|runtime)/|goroutine \d+ \[running)`)

// shorten keeps at most n lines. Of a test it rather keeps those of t.Log and t.Error, which are
// indented, than what the code under test logged, and the first and the last rather than those between.
func (f failure) shorten(n int) []string {
	last := (n - 1) / 4
	lines := f.lines
	if f.test == "" {
		last = 0
		lines = slices.DeleteFunc(slices.Clone(lines), frames.MatchString)
	} else if len(lines) > n {
		indented := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.HasPrefix(line, " ") })
		if len(indented) > 0 {
			lines = indented
		}
	}
	if len(lines) <= n {
		return lines
	}
	return slices.Concat(lines[:n-1-last], []string{"    ..."}, lines[len(lines)-last:])
}
