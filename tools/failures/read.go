package main

import (
	"bufio"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A failure is a failed test, a crash, or a package that failed without either.
type failure struct {
	test   string   // "" if it is no test that failed
	lines  []string // what belongs to it
	result string   // the line with the package's result
}

func (f failure) title() []string {
	if f.test == "" {
		return nil
	}
	return []string{"--- FAIL: " + f.test}
}

var (
	turn     = regexp.MustCompile(`^=== (?:RUN|CONT|NAME|PAUSE|ATTR) +(\S*)`)
	verdict  = regexp.MustCompile(`^ *--- (PASS|FAIL|SKIP|BENCH): (\S+)`)
	finished = regexp.MustCompile(`^(ok  |FAIL|\?   )\t(\S+)`)
	compiled = regexp.MustCompile(`^# (\S+)`)
	crash    = regexp.MustCompile(`^(panic: |fatal error: |SIG[A-Z]+: |WARNING: DATA RACE)`)
)

// raceEnds is the line around a report of the race detector.
const raceEnds = "=================="

// A run is what a package's tests printed so far.
type run struct {
	current string              // the test that prints, "" outside of tests
	lines   map[string][]string // by test
	failed  []string            // tests, in the order of their verdicts
	crash   []string            // a panic, and the reports of the race detector
	crashed bool                // whether the lines that follow belong to crash
}

// read collects the failures of a text that go test printed. A package's lines follow each
// other and end with its result; only the compiler's may come earlier.
func read(in io.Reader) ([]failure, error) {
	var found []failure
	var all []string
	builds := map[string][]string{} // the compiler's lines, by package
	build := ""
	r := &run{lines: map[string][]string{}}
	reader := bufio.NewReader(in)
	for {
		line, err := reader.ReadString('\n')
		if err == io.EOF && line == "" {
			break
		}
		if err != nil && err != io.EOF {
			return nil, err
		}
		line = strings.TrimRight(line, "\r\n")
		all = append(all, line)
		if result := finished.FindStringSubmatch(line); result != nil {
			if result[1] == "FAIL" {
				r.lines[""] = append(linesOf(builds, result[2], line), r.lines[""]...)
				found = append(found, r.failures(line)...)
			}
			r, build = &run{lines: map[string][]string{}}, ""
			continue
		}
		if of := compiled.FindStringSubmatch(line); of != nil {
			build = of[1]
		}
		if build != "" && !turn.MatchString(line) && !verdict.MatchString(line) {
			builds[build] = append(builds[build], line)
			continue
		}
		build = ""
		r.add(line)
	}
	if len(r.failed) > 0 || len(r.crash) > 0 {
		found = append(found, r.failures("FAIL\tbefore the package's result")...)
	}
	if len(found) == 0 && len(all) > 0 {
		found = []failure{{lines: all[max(0, len(all)-15):], result: "no failed test; these are the last lines"}}
	}
	return found, nil
}

// linesOf returns the compiler's lines about a package; if it failed for another package, which it
// imports, all there are.
func linesOf(builds map[string][]string, name, result string) []string {
	if lines := builds[name]; lines != nil || !strings.HasSuffix(result, " failed]") {
		return lines
	}
	var all []string
	for _, other := range slices.Sorted(maps.Keys(builds)) {
		all = append(all, builds[other]...)
	}
	return all
}

// add gives a line to the test that printed it.
func (r *run) add(line string) {
	if found := turn.FindStringSubmatch(line); found != nil {
		r.current, r.crashed = found[1], false
		return
	}
	if found := verdict.FindStringSubmatch(line); found != nil {
		r.current, r.crashed = found[2], false
		if found[1] == "FAIL" {
			r.failed = append(r.failed, r.current)
		} else {
			delete(r.lines, r.current)
			r.current = ""
		}
		return
	}
	switch {
	case line == raceEnds:
		r.crashed = false
	case line == "PASS" || line == "FAIL":
		r.current = ""
	case line == "":
	case r.crashed || crash.MatchString(line):
		r.crashed = true
		r.crash = append(r.crash, line)
	default:
		r.lines[r.current] = append(r.lines[r.current], line)
	}
}

// failures are the failed tests of a package: not the tests around them, unless these printed
// something themselves. Without any, it is the test that ran when the process ended, or what was
// printed outside of tests.
func (r *run) failures(result string) []failure {
	var found []failure
	for _, name := range r.failed {
		if len(r.lines[name]) > 0 || !around(name, r.failed) {
			found = append(found, failure{name, r.lines[name], result})
		}
	}
	if len(r.crash) > 0 {
		found = append(found, failure{lines: r.crash, result: result})
	}
	if len(found) == 0 {
		found = append(found, failure{test: r.current, lines: r.lines[r.current], result: result})
	}
	return found
}

// around reports whether one of the tests is a part of the named one.
func around(name string, tests []string) bool {
	for _, test := range tests {
		if strings.HasPrefix(test, name+"/") {
			return true
		}
	}
	return false
}
