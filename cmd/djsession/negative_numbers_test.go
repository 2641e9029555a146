package main

import (
	"io"
	"slices"
	"strings"
	"testing"
)

func TestGuardNegativeNumbers(t *testing.T) {
	a := &app{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}
	for _, test := range []struct{ args, want string }{
		{"", ""},
		{"set KEY NAME 5", "set KEY NAME 5"},
		{"set KEY NAME -5", "set KEY NAME -- -5"},
		{"set KEY NAME -1.5e-7", "set KEY NAME -- -1.5e-7"},
		{"set KEY NAME -Infinity", "set KEY NAME -- -Infinity"},
		{"set KEY NAME -5 --table t", "set KEY NAME --table t -- -5"},
		{"set KEY NAME -5 --table=t", "set KEY NAME --table=t -- -5"},
		{"set KEY NAME -5 --read-older-formats", "set KEY NAME --read-older-formats -- -5"},
		{"set KEY -1 -2", "set KEY -- -1 -2"},
		{"set KEY -1 2", "set KEY -- -1 2"},
		{"set KEY -1 --table t 2 -h", "set KEY --table t -h -- -1 2"},
		{"set KEY -1 -- -2", "set KEY -- -1 -2"},
		{"set KEY -- -1 -2", "set KEY -- -1 -2"},
		{"set KEY NAME --secret-key -5 1", "set KEY NAME --secret-key -5 1"},
		{"set KEY NAME -x", "set KEY NAME -x"},
		{"set KEY NAME -", "set KEY NAME -"},
		{"list --limit -5", "list --limit -5"},
		{"encode --timestamp -5 {}", "encode --timestamp -5 {}"},
		{"--table t set KEY NAME -5", "--table t set KEY NAME -- -5"},
		{"frobnicate -5", "frobnicate -- -5"},
		{"__complete set KEY NAME -5", "__complete set KEY NAME -5"},
		{"set --table", "set --table"},
	} {
		args := strings.Fields(test.args)
		if got := guardNegativeNumbers(a.rootCommand(), slices.Clone(args)); !slices.Equal(got, strings.Fields(test.want)) {
			t.Errorf("%q becomes %q, want %q", args, got, strings.Fields(test.want))
		}
	}
}
