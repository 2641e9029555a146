package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

func (a *app) decodeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "decode [DATA]",
		Short: "Turn session_data into JSON",
		Long: `Decode checks the signature of DATA, which is what Django keeps in the column
session_data, and prints the JSON text that was stored, exactly. No database is
needed.

Without an argument, it reads one session_data per line from stdin and prints one
JSON document per line. For a line that fails, or is empty, it prints nothing on
stdout and "line N: reason" on stderr; the exit status is then 1 at the end. Line
breaks between the tokens of a JSON text, which Django never writes, become
blanks. A line may be of any length and end in CRLF.`,
		Example: `  djsession decode "$SESSION_DATA"
  sqlite3 db.sqlite3 'SELECT session_data FROM django_session' | djsession decode`,
		Annotations: using(groupSigning),
		Args:        needArgs(0, 1),
		RunE:        func(cmd *cobra.Command, args []string) error { return a.convert(cmd, args, nil, decode) },
	}
}

// decode returns the stored JSON, if Django would read it as a session.
func decode(codec *django.Codec, text []byte) ([]byte, error) {
	if len(text) == 0 {
		return nil, answerNo("empty")
	}
	payload, err := codec.Payload(string(text))
	if err != nil {
		return nil, err
	}
	if _, err := serializer.JSON.Loads(payload); err != nil {
		return nil, fmt.Errorf("%w: %w", django.ErrUnreadable, err)
	}
	return payload, nil
}
