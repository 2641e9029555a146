package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/djsession/djsession/djangotest"
	"github.com/djsession/djsession/internal/testenv"
)

// TestMain chooses the newest Django that this repository has set up, whose absence counts
// as in its other tests.
func TestMain(m *testing.M) {
	djangos, err := testenv.ReadDjangos()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		if os.Getenv(testenv.RequireVariable) != "" {
			os.Exit(1)
		}
	}
	python := ""
	for _, d := range djangos {
		if d.Missing == "" {
			python = d.Python
		}
	}
	must(os.Setenv(djangotest.PythonVariable, python))
	if python == "" {
		must(os.Setenv("PATH", "")) // so that Site installs none
	}
	if os.Getenv(testenv.RequireVariable) != "" {
		must(os.Setenv(djangotest.RequireVariable, "1"))
	}
	os.Exit(m.Run())
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
