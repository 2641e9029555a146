package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

func (a *app) decodeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "decode [DATA]",
		Short: "Turn session_data into JSON",
		Long: `Decode checks the signature of DATA, the text in the column session_data, and
prints the JSON text in it, exactly as it was stored. It needs no database. With
--engine signed_cookies, DATA is the value of a session cookie.

Without an argument, it reads one session_data per line from stdin and prints one
JSON document per line. For a line that fails or is empty, it prints nothing on
stdout and "line N: reason" on stderr, and in the end the exit status is 1. Line
breaks between the tokens of a JSON text, which Django never writes, become
spaces. Lines may have any length and end in LF or CRLF.

With --session-serializer pickle, or --engine cache, what JSON has no form for is
printed in a readable form, with a note on stderr. With --engine cache, it reads one
value from stdin, as it is in the cache, and needs no secret key.`,
		Example: `  djsession decode "$SESSION_DATA"
  sqlite3 db.sqlite3 'SELECT session_data FROM django_session' | djsession decode
  redis-cli GET "$FULL_KEY" | djsession decode --engine cache`,
		Annotations: using(groupSigning),
		Args:        needArgs(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := a.inputs(cmd)
			if err != nil {
				return err
			}
			var d decoder
			engine, err := in.engine()
			if err != nil {
				return err
			}
			if engine == "cache" {
				err = a.decodeCached(cmd.Context(), in, args, &d)
			} else {
				name, _ := in.choice("session-serializer") // checked by convert
				d.pickle = name == "pickle"
				err = a.convert(in, args, nil, d.decode)
			}
			a.note(d.python)
			return err
		},
	}
}

// decoder turns session_data into JSON.
type decoder struct {
	pickle bool
	python kinds // of the values so far
}

// decode returns the stored JSON, if Django would read it as a session.
func (d *decoder) decode(ctx context.Context, codec *django.Codec, text []byte) ([]byte, error) {
	if len(text) == 0 {
		return nil, answerNo("empty")
	}
	payload, err := codec.Payload(ctx, string(text))
	if err != nil {
		return nil, err
	}
	form := serializer.JSON
	if d.pickle {
		form = serializer.Pickle
	}
	dict, err := form.Loads(payload)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", django.ErrUnreadable, err)
	case d.pickle:
		return d.python.readableDict(dict)
	}
	return payload, nil
}

// decodeCached prints the session in a cache's value, which is all of stdin: it may hold
// any bytes.
func (a *app) decodeCached(ctx context.Context, in inputs, args []string, d *decoder) error {
	if len(args) > 0 {
		return errors.New("with --engine cache, decode reads one value from stdin: its bytes may be no text")
	}
	var c cacheSettings
	encoding, err := c.encodingOf(in)
	if err != nil {
		return err
	}
	value, err := a.readAll(ctx)
	if err != nil {
		return err
	}
	dict, err := encoding.Decode(ctx, cachestore.Item{Value: string(value)}, signing.DefaultMaxInflated)
	if trimmed, ok := bytes.CutSuffix(value, []byte("\n")); err != nil && ok {
		// redis-cli ends with a line break.
		dict, err = encoding.Decode(ctx, cachestore.Item{Value: string(trimmed)}, signing.DefaultMaxInflated)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", django.ErrUnreadable, err)
	}
	text, err := d.python.readableDict(dict)
	if err != nil {
		return err
	}
	return a.printLine(text)
}

// readAll reads stdin, and ends with ctx even if a read blocks.
func (a *app) readAll(ctx context.Context) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(a.stdin, maxCached+1))
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		if r.err == nil && len(r.data) > maxCached {
			return nil, fmt.Errorf("%w: the value is larger than %d MiB", django.ErrUnreadable, maxCached>>20)
		}
		return r.data, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// maxCached is the size of the largest value of a cache that decode reads.
const maxCached = 16 << 20
