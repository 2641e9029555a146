package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

func (a *app) decodeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "decode [DATA]",
		Short: "Turn session_data into JSON",
		Long: `Decode checks the signature of DATA, the text in the column session_data, and
prints the JSON text in it, exactly as it was stored. It needs no database.

Without an argument, it reads one session_data per line from stdin and prints one
JSON document per line. For a line that fails or is empty, it prints nothing on
stdout and "line N: reason" on stderr, and in the end the exit status is 1. Line
breaks between the tokens of a JSON text, which Django never writes, become
spaces. Lines may have any length and end in LF or CRLF.`,
		Example: `  djsession decode "$SESSION_DATA"
  sqlite3 db.sqlite3 'SELECT session_data FROM django_session' | djsession decode`,
		Annotations: using(groupSigning),
		Args:        needArgs(0, 1),
		RunE:        func(cmd *cobra.Command, args []string) error { return a.convert(cmd, args, nil, decode) },
	}
}

// decode returns the stored JSON, if Django would read it as a session.
func decode(ctx context.Context, codec *django.Codec, text []byte) ([]byte, error) {
	if len(text) == 0 {
		return nil, answerNo("empty")
	}
	payload, err := codec.Payload(ctx, string(text))
	if err != nil {
		return nil, err
	}
	if _, err := serializer.JSON.Loads(payload); err != nil {
		return nil, fmt.Errorf("%w: %w", django.ErrUnreadable, err)
	}
	return payload, nil
}
