// Command bridge runs this module's Go code on behalf of Django's own test suite. It
// reads requests from standard input, one JSON object per line, and answers each with
// one line; ../gobridge is the Python side.
//
// It adds no behaviour. Where Django's tests do something for which the Go API has no
// call (clear a session's modified flag, change the settings of a living session), it
// makes another session with the same data through the API: see handle.
package main

import (
	"maps"
	"os"
)

// An operation is what the "op" of a request names.
type operation func(*call) (any, error)

// operations is filled by the init functions, since some operations ask back and so
// reach answer.
var operations = map[string]operation{}

func register(ops map[string]operation) { maps.Copy(operations, ops) }

func main() {
	for {
		c, err := read()
		if err != nil {
			os.Exit(0)
		}
		answer(c)
	}
}
