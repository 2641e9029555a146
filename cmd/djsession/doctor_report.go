package main

import (
	"fmt"
	"strings"
)

// The statuses of a check, as --json prints them.
const (
	markOK      = "ok"
	markWarning = "warning"
	markFailure = "failure"
	markSkipped = "skipped"
)

var statusMarks = map[string]string{markOK: "✓", markWarning: "!", markFailure: "✗", markSkipped: "–"}

// diagnosis is what a check found. A check that finds several problems has several.
type diagnosis struct {
	Check   string   `json:"check"`
	Status  string   `json:"status"`
	Problem string   `json:"problem,omitempty"` // its name in docs/troubleshooting.md
	Found   string   `json:"found"`
	Change  string   `json:"change,omitempty"` // what to do
	Detail  []string `json:"detail,omitempty"` // what another program printed

	// blocked: a check that this one needs has failed. local: a failure that does not keep
	// other checks from running.
	blocked, local bool
	hiding         bool // not shown, except by --json
}

func passed(format string, args ...any) []diagnosis {
	return []diagnosis{{Status: markOK, Found: fmt.Sprintf(format, args...)}}
}

func skip(format string, args ...any) []diagnosis {
	return []diagnosis{{Status: markSkipped, Found: fmt.Sprintf(format, args...)}}
}

// inapplicable is skip for a check that has no meaning here. Only --json prints it.
func inapplicable(format string, args ...any) []diagnosis {
	return []diagnosis{{Status: markSkipped, Found: fmt.Sprintf(format, args...), hiding: true}}
}

func fail(problem, found, change string) []diagnosis {
	return []diagnosis{{Status: markFailure, Problem: problem, Found: found, Change: change}}
}

// failLocal is fail for a problem in spite of which other checks can run.
func failLocal(problem, found, change string) []diagnosis {
	return []diagnosis{{Status: markFailure, Problem: problem, Found: found, Change: change, local: true}}
}

func warn(problem, found, change string) []diagnosis {
	return []diagnosis{{Status: markWarning, Problem: problem, Found: found, Change: change}}
}

// orRight returns the problems, or that there are none.
func orRight(problems []diagnosis, format string, args ...any) []diagnosis {
	if len(problems) > 0 {
		return problems
	}
	return passed(format, args...)
}

// failUnexpected is for an error that no check knows.
func failUnexpected(err error) []diagnosis {
	return fail("unexpected-error", explain(err), "read the error; if it is not about your set-up, report it as a bug of djsession, with the output of djsession doctor --json")
}

// hidden returns the diagnosis without secrets.
func (x diagnosis) hidden(a *app) diagnosis {
	x.Found, x.Change = a.message(x.Found), a.message(x.Change)
	lines := make([]string, len(x.Detail))
	for i, line := range x.Detail {
		lines[i] = a.secrets.hide(line)
	}
	x.Detail = lines
	return x
}

// report is what --json prints.
type report struct {
	Version  string      `json:"djsession"`
	Engine   string      `json:"engine"`
	Failures int         `json:"failures"`
	Warnings int         `json:"warnings"`
	Checks   []diagnosis `json:"checks"`
}

func (r *report) add(x diagnosis) {
	r.Checks = append(r.Checks, x)
	switch x.Status {
	case markFailure:
		r.Failures++
	case markWarning:
		r.Warnings++
	}
}

// verdict returns the error for the exit status.
func (r *report) verdict() error {
	if r.Failures == 0 {
		return nil
	}
	text := count(r.Failures, "failure")
	if r.Warnings > 0 {
		text += " and " + count(r.Warnings, "warning")
	}
	return answerNo("%s; https://github.com/djsession/djsession/blob/main/docs/troubleshooting.md explains each by its name", text)
}

// printDiagnosis prints the lines of a diagnosis.
func (a *app) printDiagnosis(x diagnosis) error {
	const indent = "                 "
	found := x.Found
	if x.Problem != "" {
		found = x.Problem + ": " + found
	}
	lines := []string{fmt.Sprintf("%s %-14s %s", statusMarks[x.Status], x.Check, found)}
	for _, line := range x.Detail {
		lines = append(lines, indent+"| "+strings.TrimSpace(line))
	}
	if x.Change != "" {
		lines = append(lines, indent+"→ "+x.Change)
	}
	return a.printLine([]byte(strings.Join(lines, "\n")))
}
