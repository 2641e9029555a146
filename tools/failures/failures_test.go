package main

import (
	"strings"
	"testing"
)

// verbose is what go test -v prints of packages of every fate; addresses are left out.
const verbose = `# x/c [x/c.test]
c/c_test.go:3:37: undefined: undefined
=== RUN   TestOK
    ok_test.go:3: of a test that passed
--- PASS: TestOK (0.00s)
PASS
ok  	x/ok	0.1s
=== RUN   TestBad
=== RUN   TestBad/good
=== PAUSE TestBad/good
=== RUN   TestBad/bad
=== PAUSE TestBad/bad
=== CONT  TestBad/good
=== CONT  TestBad/bad
2026/11/28 06:21:06 WARN logged by the code
    a_test.go:6: first
        second
=== NAME  TestBad/good
    a_test.go:5: of a part that passed
=== NAME  TestBad/bad
    a_test.go:6: third
--- FAIL: TestBad (0.00s)
    --- PASS: TestBad/good (0.02s)
    --- FAIL: TestBad/bad (0.04s)
FAIL
FAIL	x/a	0.064s
=== RUN   TestPanic
    b_test.go:4: before
--- FAIL: TestPanic (0.00s)
panic: boom [recovered, repanicked]

goroutine 8 [running]:
testing.tRunner.func1()
	/usr/local/go/src/testing/testing.go:1977 +0x67f
x/b.TestPanic(0xc00001c908)
	/tmp/x/b/b_test.go:4 +0x71
FAIL	x/b	0.211s
FAIL	x/c [build failed]
=== RUN   TestRace
==================
WARNING: DATA RACE
Read by goroutine 9:
  x/d.TestRace.func1()
==================
    testing.go:1712: race detected during execution of test
--- FAIL: TestRace (0.01s)
=== RUN   TestHang
panic: test timed out after 3s
	running tests:
		TestHang (3s)
FAIL	x/d	3.132s
=== RUN   TestFine
--- PASS: TestFine (0.00s)
PASS
leftover: a server
FAIL	x/e	0.066s
=== RUN   TestFirst
--- PASS: TestFirst (0.00s)
=== RUN   TestKilled
2026/11/28 06:21:06 WARN logged before
signal: killed
FAIL	x/f	0.066s
FAIL
`

const failures = `--- FAIL: TestBad/bad
2026/11/28 06:21:06 WARN logged by the code
    a_test.go:6: first
        second
    a_test.go:6: third
FAIL	x/a	0.064s
--- FAIL: TestPanic
    b_test.go:4: before
panic: boom [recovered, repanicked]
x/b.TestPanic(0xc00001c908)
	/tmp/x/b/b_test.go:4 +0x71
FAIL	x/b	0.211s
# x/c [x/c.test]
c/c_test.go:3:37: undefined: undefined
FAIL	x/c [build failed]
--- FAIL: TestRace
    testing.go:1712: race detected during execution of test
WARNING: DATA RACE
Read by goroutine 9:
  x/d.TestRace.func1()
panic: test timed out after 3s
	running tests:
		TestHang (3s)
FAIL	x/d	3.132s
leftover: a server
FAIL	x/e	0.066s
--- FAIL: TestKilled
2026/11/28 06:21:06 WARN logged before
signal: killed
FAIL	x/f	0.066s
`

func failuresOf(t *testing.T, text string, lines int) string {
	t.Helper()
	failed, err := read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	write(&out, failed, lines)
	return out.String()
}

// TestFailures: every failed test is named with its own lines, and what was printed can be read again.
func TestFailures(t *testing.T) {
	if got := failuresOf(t, verbose, 1000); got != failures {
		t.Errorf("got\n%s", got)
	}
	if got := failuresOf(t, failures, 1000); got != failures {
		t.Errorf("read again:\n%s", got)
	}
}

// TestFailuresAreBrief: the error rather than what the code logged, and the end of a step in which no
// test failed.
func TestFailuresAreBrief(t *testing.T) {
	logged := strings.Repeat("logged\n", 1000)
	text := "=== RUN   TestA\n" + logged + "    a_test.go:1: why\n" + logged + "--- FAIL: TestA (0.00s)\nFAIL\tx/a\t1s\n"
	if got, want := failuresOf(t, text, 36), "--- FAIL: TestA\n    a_test.go:1: why\nFAIL\tx/a\t1s\n"; got != want {
		t.Errorf("got\n%s", got)
	}
	many := "=== RUN   TestA\n" + strings.Repeat("    a_test.go:1: why\n", 1000) + "--- FAIL: TestA (0.00s)\nFAIL\tx/a\t1s\n"
	if got := strings.Count(failuresOf(t, many, 36), "\n"); got != 36 {
		t.Errorf("%d lines", got)
	}
	if got := failuresOf(t, "ok  \tx/a\t1s\nleaks: f:1: a password\n", 36); !strings.Contains(got, "leaks: f:1") {
		t.Errorf("got\n%s", got)
	}
}

// TestFailuresOfAnImport: a package that does not compile because of another.
func TestFailuresOfAnImport(t *testing.T) {
	text := "# x/b\nb/b.go:3:9: undefined: undefined\nFAIL\tx/a [build failed]\nok  \tx/c\t0.1s\nFAIL\n"
	if got, want := failuresOf(t, text, 36), "# x/b\nb/b.go:3:9: undefined: undefined\nFAIL\tx/a [build failed]\n"; got != want {
		t.Errorf("got\n%s", got)
	}
}
