package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
)

func (a *app) encodeCommand() *cobra.Command {
	var timestamp int64
	cmd := &cobra.Command{
		Use:   "encode [JSON]",
		Short: "Turn JSON into session_data",
		Long: `Encode signs JSON, an object in UTF-8, as the site's Django would, and prints
the text for the column session_data, or with --engine signed_cookies for the value of
a session cookie. It needs no database. Numbers keep their
spelling and keys their order; characters outside ASCII are escaped, spaces
between tokens are removed, and the last value of a repeated key counts. NaN,
Infinity and -Infinity are numbers, as in Python.

The exit status is 1 if JSON is not a JSON object, or one that Django could not
read: integers of more than 4,300 digits, more than 500 levels of nesting.

Without an argument, it reads one JSON document per line from stdin and prints
one session_data per line. Failures are reported as by decode.`,
		Example: `  djsession encode '{"cart": {"sku-1": 2}}'
  djsession encode --timestamp 1700000000 < sessions.jsonl`,
		Annotations: using(groupSigning),
		Args:        needArgs(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var clock func() time.Time
			if cmd.Flags().Changed("timestamp") {
				clock = func() time.Time { return time.Unix(timestamp, 0) }
			}
			in, err := a.inputs(cmd)
			if err != nil {
				return err
			}
			return a.convert(in, args, clock, encode)
		},
	}
	cmd.Flags().Int64Var(&timestamp, "timestamp", 0, "`UNIX` time in seconds to sign at, instead of now; ignored for the format pre31")
	return cmd
}

func encode(ctx context.Context, codec *django.Codec, json []byte) ([]byte, error) {
	if len(json) == 0 {
		return nil, answerNo("empty")
	}
	d, err := parseDict(json)
	if err != nil {
		return nil, &negative{err}
	}
	text, err := codec.Encode(ctx, d)
	if err != nil {
		return nil, &negative{err}
	}
	return []byte(text), nil
}
