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

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

const defaultLimit = 20

// listOptions are the flags of list.
type listOptions struct {
	limit           int
	expired, asJSON bool
	user            string
	byUser          bool
}

func (a *app) listCommand() *cobra.Command {
	var o listOptions
	cmd := &cobra.Command{
		Use:   "list [--limit N] [--expired] [--user ID]",
		Short: "List the newest sessions",
		Long: `List prints a line for each session, the one that expires last first: the key,
the id of the logged-in user, the expiry and the size of session_data in bytes,
separated by tabs. The user is - if nobody is logged in and ? if the data cannot
be read; an id with spaces or control characters is a JSON string. The expiry is
in UTC, to the second, such as 2026-01-31T13:00:00Z, or ? if the column does not
hold a time. Stderr says how many sessions there are.

If some sessions cannot be read, stderr says how many, and which settings to
compare. The exit status is 1 if none can be read: most likely the secret key is
wrong.

Memcached, signed_cookies and Django's cache in files cannot list their sessions.

With --user, it reads all sessions and lists those of one user, by the id in the
session. There is no index for it, so this takes a while on a large table.

On a terminal, the columns are aligned below a header.

With --json, each line is a JSON object with the fields session_key, user_id,
expire_date, size and readable.`,
		Example: `  djsession list
  djsession list --user 7 --limit 0
  djsession list --limit 0 | cut -f 2 | sort | uniq -c
  djsession list --expired --json`,
		Annotations: using(groupSigning, groupSessions),
		Args:        needArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.byUser = cmd.Flags().Changed("user")
			switch {
			case o.limit < 0:
				return errors.New("--limit must not be negative; 0 lists all")
			case o.byUser && o.user == "":
				return errors.New("--user needs the id of a user")
			}
			return a.withSite(cmd, func(ctx context.Context, s *site) error {
				return a.list(ctx, s, o, isTerminal(a.stdout))
			})
		},
	}
	cmd.Flags().IntVar(&o.limit, "limit", defaultLimit, "list at most `N` sessions; 0 lists all")
	cmd.Flags().BoolVar(&o.expired, "expired", false, "list the expired sessions instead of the others")
	cmd.Flags().StringVar(&o.user, "user", "", "list the sessions of the user with this `ID`")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print JSON objects")
	return cmd
}

// list prints the sessions; if aligned is set, in columns below a header.
func (a *app) list(ctx context.Context, s *site, o listOptions, aligned bool) error {
	var read rowCount
	var total int64
	var err error
	switch {
	case o.asJSON:
		total, err = writeRows(ctx, s, a.stdout, o, &read, writeJSON)
	case aligned:
		columns := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(columns, "SESSION KEY\tUSER\tEXPIRES\tSIZE")
		total, err = writeRows(ctx, s, columns, o, &read, writeTabs)
		err = errors.Join(err, outputError(columns.Flush()))
	default:
		total, err = writeRows(ctx, s, a.stdout, o, &read, writeTabs)
	}
	if err != nil {
		return err
	}
	if o.limit > 0 && total > int64(o.limit) {
		a.say(fmt.Sprintf("%d of %s; --limit 0 lists all", o.limit, count(total, "session")))
	} else {
		a.say(count(total, "session"))
	}
	for _, problem := range read.problems() {
		a.say(problem)
	}
	if read.all > 0 && read.unreadable == read.all {
		return &negative{errReported}
	}
	return nil
}

// writeRows writes the sessions, and returns how many there are regardless of the limit.
func writeRows(ctx context.Context, s *site, w io.Writer, o listOptions, read *rowCount, write func(io.Writer, django.Listed) error) (total int64, err error) {
	f := django.Filter{Expired: o.expired, Limit: o.limit, Now: time.Now()}
	if o.byUser {
		f.Limit = 0 // the user is not a column
	}
	out := bufio.NewWriter(w)
	lister, err := s.lister()
	if err != nil {
		return 0, err
	}
	for row, err := range lister.List(ctx, f) {
		if err != nil {
			return 0, errors.Join(err, outputError(out.Flush())) // whole lines before the error
		}
		read.add(row)
		if o.byUser {
			if id, ok := userID(row.Data); !ok || id != o.user {
				continue
			}
		}
		total++
		if o.limit > 0 && total > int64(o.limit) {
			continue
		}
		if err := write(out, row); err != nil {
			return 0, outputError(err)
		}
	}
	if err := out.Flush(); err != nil {
		return 0, outputError(err)
	}
	if f.Limit > 0 && total == int64(f.Limit) {
		return lister.Count(ctx, f)
	}
	return total, nil
}

func writeTabs(w io.Writer, row django.Listed) error {
	user := "?"
	if row.Corrupt == nil {
		user = userColumn(row.Data)
	}
	expires := "?"
	if !row.Expires.IsZero() {
		expires = row.Expires.UTC().Format(time.RFC3339)
	}
	_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%d\n", plain(row.Key), user, expires, row.Size)
	return err
}

// expireDate returns when a session expires, or nil if its expire_date is not a time.
func expireDate(row django.Listed) *string {
	if row.Expires.IsZero() {
		return nil
	}
	return new(row.Expires.UTC().Format(time.RFC3339Nano))
}

// listed is a session as list --json prints it.
type listed struct {
	SessionKey string  `json:"session_key"`
	UserID     *string `json:"user_id"`
	ExpireDate *string `json:"expire_date"`
	Size       int     `json:"size"`
	Readable   bool    `json:"readable"`
}

func writeJSON(w io.Writer, row django.Listed) error {
	l := listed{
		SessionKey: row.Key,
		ExpireDate: expireDate(row),
		Size:       row.Size,
		Readable:   row.Corrupt == nil,
	}
	if id, ok := userID(row.Data); ok {
		l.UserID = &id
	}
	return json.NewEncoder(w).Encode(l)
}

// userID returns the id of the logged-in user. Django stores it as a string; of any other
// value it is JSON.
func userID(d *serializer.Dict) (string, bool) {
	v, ok := d.Get(userIDKey)
	if !ok || v.IsNull() {
		return "", false
	}
	return userIDText(v), true
}

const userIDKey = "_auth_user_id"

func userIDText(v serializer.Value) string {
	var id string
	if v.Decode(&id) == nil {
		return id
	}
	return string(new(kinds).readable(v))
}

func userColumn(d *serializer.Dict) string {
	id, ok := userID(d)
	if !ok {
		return "-"
	}
	return plain(id)
}

// plain returns the text, or a JSON string of it if it could be mistaken for another
// column, for - or ?, or for a command to the terminal.
func plain(text string) string {
	ordinary := text != "" && text != "-" && text != "?" && text[0] != '"' &&
		!strings.ContainsFunc(text, func(r rune) bool { return r == ' ' || !strconv.IsPrint(r) || r == '\uFFFD' })
	if ordinary {
		return text
	}
	quoted, err := serializer.Encode(strings.ToValidUTF8(text, "\uFFFD"))
	noError(err)
	return string(quoted.Bytes()) // in ASCII, as Python writes it
}
