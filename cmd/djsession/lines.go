package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/djsession/djsession/django"
)

// line is one line of the input, without its line break.
type line struct {
	text []byte
	more bool  // the next line has been read, too
	err  error // reading failed
}

// convert converts the argument, or the lines of stdin if there is none, with the codec
// of the site's settings.
func (a *app) convert(in inputs, args []string, now func() time.Time, convert func(context.Context, *django.Codec, []byte) ([]byte, error)) error {
	set, err := a.djangoSettings(in)
	if err != nil {
		return err
	}
	codec, err := django.NewCodec(set, now)
	if err == nil && set.SessionEngine == django.EngineSignedCookies {
		codec, err = codec.WithSalt(set.SessionEngine)
	}
	if err != nil {
		return err
	}
	if set.SessionEngine == django.EngineCache {
		return fmt.Errorf("the values in a cache are bytes, which %s does not write; use create or set", in.cmd.Name())
	}
	ctx := in.cmd.Context()
	if len(args) == 0 {
		return a.eachLine(ctx, func(text []byte) ([]byte, error) { return convert(ctx, codec, text) })
	}
	text, err := convert(ctx, codec, []byte(args[0]))
	if err != nil {
		return err
	}
	return a.printLine(text)
}

// eachLine converts stdin to stdout, line by line. If a line cannot be converted, it
// prints "line N: reason" on stderr, and returns a negative answer after the last line.
func (a *app) eachLine(ctx context.Context, convert func(text []byte) ([]byte, error)) error {
	out := bufio.NewWriterSize(a.stdout, 1<<16)
	n, failed := 0, false
	for l, err := range a.lines(ctx) {
		if err != nil {
			return errors.Join(err, out.Flush())
		}
		n++
		if converted, err := convert(l.text); err != nil {
			failed = true
			fmt.Fprintf(a.stderr, "line %d: %s\n", n, a.message(explain(err)))
		} else {
			out.Write(oneLine(converted))
			out.WriteByte('\n')
		}
		// A program that feeds lines one by one waits for the answer to each.
		if !l.more {
			if err := out.Flush(); err != nil {
				return outputError(err)
			}
		}
	}
	if err := out.Flush(); err != nil {
		return outputError(err)
	}
	if failed {
		return &negative{errReported}
	}
	return nil
}

// oneLine replaces the line breaks in valid JSON, which are all between tokens.
func oneLine(json []byte) []byte {
	if bytes.ContainsAny(json, "\r\n") {
		json = bytes.ReplaceAll(bytes.ReplaceAll(json, []byte("\n"), []byte(" ")), []byte("\r"), []byte(" "))
	}
	return json
}

// lines returns the lines of stdin, which may have any length and end in LF or CRLF. It
// ends after an error.
func (a *app) lines(ctx context.Context) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for lines := readLines(ctx, a.stdin); ; {
			select {
			case l := <-lines:
				switch {
				case errors.Is(l.err, io.EOF):
					return
				case l.err != nil:
					yield(l, fmt.Errorf("cannot read stdin: %w", l.err))
					return
				case !yield(l, nil):
					return
				}
			case <-ctx.Done():
				yield(line{}, ctx.Err())
				return
			}
		}
	}
}

// readLines reads in the background, so that the command ends with its context even if a
// read blocks. The last line has an error: io.EOF, for example.
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
