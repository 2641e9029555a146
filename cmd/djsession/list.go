package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/serializer"
)

const defaultLimit = 20

func (a *app) listCommand() *cobra.Command {
	var limit int
	var expired, asJSON bool
	cmd := &cobra.Command{
		Use:   "list [--limit N] [--expired]",
		Short: "List the newest sessions",
		Long: `List prints a line for each session, the one that expires last first: its key,
the id of the user who is logged in, when it expires, and the size of its
session_data in bytes, separated by tabs. The user is - where nobody is logged
in and ? where the data cannot be read; an id with blanks or control characters
is in JSON's quotes. The expiry is in UTC, to the second, as
2026-01-31T13:00:00Z.

On a terminal, the columns are aligned and have a header.

With --json, each line is a JSON object with the fields session_key, user_id,
expire_date, size and readable.`,
		Example: `  djsession list
  djsession list --limit 0 | cut -f 2 | sort | uniq -c
  djsession list --expired --json`,
		Args:              needArgs(0, 0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 0 {
				return errors.New("--limit must not be negative; 0 is all")
			}
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				write := writeTabs
				switch {
				case asJSON:
					write = writeJSON
				case isTerminal(a.stdout):
					return a.listOnTerminal(ctx, s, dbstore.Filter{Expired: expired, Limit: limit, Now: time.Now()})
				}
				return a.list(ctx, s, a.stdout, dbstore.Filter{Expired: expired, Limit: limit, Now: time.Now()}, write)
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", defaultLimit, "list at the most `N` sessions; 0 is all")
	cmd.Flags().BoolVar(&expired, "expired", false, "list the sessions that have expired, instead of those that have not")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON objects")
	noError(cmd.RegisterFlagCompletionFunc("limit", cobra.NoFileCompletions))
	return cmd
}

func (a *app) list(ctx context.Context, s *site, w io.Writer, f dbstore.Filter, write func(io.Writer, dbstore.Row) error) error {
	out := bufio.NewWriter(w)
	for row, err := range s.store.List(ctx, f) {
		if err == nil {
			err = outputError(write(out, row))
		}
		if err != nil {
			_ = out.Flush() // what is whole, before the error
			return err
		}
	}
	return outputError(out.Flush())
}

func (a *app) listOnTerminal(ctx context.Context, s *site, f dbstore.Filter) error {
	columns := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "SESSION KEY\tUSER\tEXPIRES\tSIZE")
	if err := a.list(ctx, s, columns, f, writeTabs); err != nil {
		_ = columns.Flush()
		return err
	}
	return outputError(columns.Flush())
}

func writeTabs(w io.Writer, row dbstore.Row) error {
	user := "?"
	if row.Corrupt == nil {
		user = userColumn(row.Data)
	}
	_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%d\n", plain(row.Key), user, row.Expires.UTC().Format(time.RFC3339), row.Size)
	return err
}

// listed is a session as list --json prints it.
type listed struct {
	SessionKey string  `json:"session_key"`
	UserID     *string `json:"user_id"`
	ExpireDate string  `json:"expire_date"`
	Size       int     `json:"size"`
	Readable   bool    `json:"readable"`
}

func writeJSON(w io.Writer, row dbstore.Row) error {
	l := listed{
		SessionKey: row.Key,
		ExpireDate: row.Expires.UTC().Format(time.RFC3339Nano),
		Size:       row.Size,
		Readable:   row.Corrupt == nil,
	}
	if id, ok := userID(row.Data); ok {
		l.UserID = &id
	}
	return json.NewEncoder(w).Encode(l)
}

// userID returns the id of the user who is logged in, which Django keeps as a
// string; anything else that is there is its JSON text.
func userID(d *serializer.Dict) (string, bool) {
	v, ok := d.Get("_auth_user_id")
	if !ok || v.IsNull() {
		return "", false
	}
	var id string
	if v.Decode(&id) == nil {
		return id, true
	}
	return string(v.JSON()), true
}

func userColumn(d *serializer.Dict) string {
	id, ok := userID(d)
	if !ok {
		return "-"
	}
	return plain(id)
}

// plain quotes what could be taken for another column, a mark, or a command to
// the terminal.
func plain(text string) string {
	ordinary := text != "" && text != "-" && text != "?" && text[0] != '"' &&
		!strings.ContainsFunc(text, func(r rune) bool { return r == ' ' || !strconv.IsPrint(r) || r == '\uFFFD' })
	if ordinary {
		return text
	}
	return strconv.QuoteToASCII(text)
}
