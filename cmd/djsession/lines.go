package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// line is one line of the input, without its line break.
type line struct {
	text []byte
	more bool  // the next one has been read, too
	err  error // why there is none
}

// eachLine converts stdin to stdout, line by line. A line that cannot be
// converted puts nothing on stdout and "line N: reason" on stderr; it makes the
// answer negative when all lines are done. Lines may be of any length, and end in
// LF or CRLF.
func (a *app) eachLine(ctx context.Context, convert func(text []byte) ([]byte, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := bufio.NewWriterSize(a.stdout, 1<<16)
	failed := 0
	n := 0
	lines := readLines(ctx, a.stdin)
	for {
		var l line
		select {
		case l = <-lines:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), out.Flush())
		}
		if errors.Is(l.err, io.EOF) {
			break
		}
		if l.err != nil {
			return errors.Join(fmt.Errorf("cannot read stdin: %w", l.err), out.Flush())
		}
		n++
		converted, err := convert(l.text)
		if err != nil {
			failed++
			fmt.Fprintf(a.stderr, "line %d: %s\n", n, a.message(explain(err)))
		} else {
			out.Write(converted)
			out.WriteByte('\n')
		}
		// Whoever feeds lines one by one waits for the answer to each.
		if !l.more {
			if err := out.Flush(); err != nil {
				return outputError(err)
			}
		}
	}
	if err := out.Flush(); err != nil {
		return outputError(err)
	}
	if failed > 0 {
		return &negative{errReported}
	}
	return nil
}

// readLines reads in the background, so that a read that blocks does not keep
// the command from ending with its context. An error, io.EOF for one, comes last.
func readLines(ctx context.Context, r io.Reader) <-chan line {
	lines := make(chan line, 16)
	go func() {
		in := bufio.NewReaderSize(r, 1<<16)
		for {
			text, err := in.ReadBytes('\n')
			waiting, _ := in.Peek(in.Buffered())
			l := line{text: text, more: bytes.IndexByte(waiting, '\n') >= 0, err: err}
			if errors.Is(err, io.EOF) && len(text) > 0 {
				l.err = nil // the last line has no line break
			}
			l.text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
			select {
			case lines <- l:
			case <-ctx.Done():
				return
			}
			if l.err != nil {
				return
			}
		}
	}()
	return lines
}
