package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// longestPassword is the longest password that is read from stdin.
const longestPassword = 1 << 20

// readPassword reads a password from stdin. On a terminal it asks for it, and turns the
// echo on again when ctx ends.
func (a *app) readPassword(ctx context.Context) (string, error) {
	read := func() ([]byte, error) { return io.ReadAll(io.LimitReader(a.stdin, longestPassword+1)) }
	if file, ok := a.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		terminal := int(file.Fd())
		before, err := term.GetState(terminal)
		if err != nil {
			return "", fmt.Errorf("the terminal cannot be set up to ask for a password: %w", err)
		}
		defer func() {
			if ctx.Err() != nil {
				_ = term.Restore(terminal, before) // ReadPassword still waits, with echo off
			}
			fmt.Fprintln(a.stderr)
		}()
		fmt.Fprint(a.stderr, "Password: ")
		read = func() ([]byte, error) { return term.ReadPassword(terminal) }
	}
	text, err := readUntil(ctx, read)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", fmt.Errorf("the password cannot be read from stdin: %w", err)
	}
	password := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	a.secrets.add(password)
	switch {
	case password == "":
		return "", errors.New("no password; give it on stdin")
	case len(password) > longestPassword:
		return "", errors.New("the password on stdin is longer than 1 MiB")
	}
	return password, nil
}

// readUntil calls read, which may block, and returns at the latest when ctx ends.
func readUntil(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
