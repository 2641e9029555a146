package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// app is one run of the command.
type app struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer

	// secrets must not appear in any message.
	secrets secrets
}

// run runs the command with these arguments, without the program's name, and
// returns its exit status.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{getenv: getenv, stdin: stdin, stdout: stdout, stderr: stderr}
	root := a.rootCommand()
	hideUnused(root, args)
	root.SetArgs(guardNegativeNumbers(root, args))
	err := root.ExecuteContext(ctx)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", ctx.Err(), context.Cause(ctx)) // instead of the driver's error
	}
	return a.report(err)
}

// report prints what went wrong and returns the exit status for it.
func (a *app) report(err error) int {
	if err == nil {
		return statusDone
	}
	if quoted, ok := errors.AsType[*quotingError](err); ok {
		a.say(quoted.text)
		fmt.Fprintln(a.stderr, a.secrets.hide(quoted.quoted))
	} else if !errors.Is(err, errReported) {
		a.say(explain(err))
	}
	return statusOf(err)
}

// quotingError is an error that shows, below its own text, lines that another program printed.
type quotingError struct{ text, quoted string }

func (e *quotingError) Error() string { return e.text + "\n" + e.quoted }

// say writes a message of one line to stderr.
func (a *app) say(text string) {
	fmt.Fprintf(a.stderr, "djsession: %s\n", a.message(text))
}

// message puts a text into one line without secrets. Secrets are replaced first: they
// may hold the blanks that are collapsed.
func (a *app) message(text string) string {
	return strings.Join(strings.Fields(a.secrets.hide(text)), " ")
}

// printLine writes a line of data to stdout.
func (a *app) printLine(line []byte) error {
	_, err := a.stdout.Write(append(bytes.Clone(line), '\n'))
	return outputError(err)
}

func outputError(err error) error {
	if err != nil {
		return fmt.Errorf("cannot write to stdout: %w", err)
	}
	return nil
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// needArgs makes a command accept between least and most arguments. The error does not
// repeat them, since they may be keys and data.
func needArgs(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && len(args) <= most {
			return nil
		}
		return fmt.Errorf("%d arguments given; the command is %s", len(args), cmd.UseLine())
	}
}
