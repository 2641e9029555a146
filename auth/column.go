package auth

import (
	"database/sql"
	"fmt"
	"strconv"
	"time"
)

// WithExtra returns u with further columns, by name, for [Column] to read. It is for
// implementations of [Users]; the map must not be changed afterwards.
func (u User) WithExtra(columns map[string]any) User {
	u.extra = &columns
	return u
}

// Column returns a further column of u, one that usertable.WithExtraColumns asked for,
// converted to T as database/sql's Scan converts; NULL is the zero T. It is an error if
// the column was not read, or is no T. Two conversions differ from Scan's, so that the
// databases agree: a number with a fraction has no exponent as a string, and a text of the
// form YYYY-MM-DD[ HH:MM:SS[.ffffff]] is a time.Time, in UTC as all others.
//
// The documentation of package usertable says which T is the same on every database.
func Column[T any](u User, name string) (T, error) {
	var column sql.Null[T]
	var v any
	read := false
	if u.extra != nil {
		v, read = (*u.extra)[name]
	}
	if !read {
		return column.V, fmt.Errorf("auth: the user's column %q was not read; ask for it with usertable.WithExtraColumns", name)
	}
	if err := column.Scan(portable(v, column.V)); err != nil {
		// Without the cause, which quotes the value.
		return *new(T), fmt.Errorf("auth: the user's column %q, a %T, cannot be converted to %T", name, v, column.V)
	}
	return column.V, nil
}

// portable returns v as other drivers would have it, if into is of a type that needs that.
func portable(v, into any) any {
	switch into.(type) {
	case string:
		if n, ok := v.(float64); ok { // a decimal on SQLite
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
	case time.Time:
		switch at := v.(type) {
		case time.Time:
			return at.UTC()
		case string: // MySQL without parseTime
			for _, form := range []string{time.DateTime, time.DateOnly} {
				if t, err := time.Parse(form, at); err == nil {
					return t
				}
			}
		}
	}
	return v
}
