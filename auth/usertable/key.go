package usertable

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/internal/sqldb"
)

// Key is the type of a user model's primary key.
type Key int

// The types of primary keys.
const (
	// Integer is an AutoField, a BigAutoField or any other integer.
	Integer Key = iota
	// UUID is a UUIDField, whether its column is char(32) or of a type of its own.
	UUID
	// Text is a CharField, or another field that holds text.
	Text
)

// param returns what to bind for a key in its canonical form; ok is false if id is no such
// form, so that no user has it.
func (k Key) param(id string) (v any, ok bool) {
	switch k {
	case Integer:
		n, err := strconv.ParseInt(id, 10, 64)
		return n, err == nil && strconv.FormatInt(n, 10) == id
	case UUID:
		// Without hyphens it equals a char(32), and PostgreSQL's and MariaDB's uuid reads it.
		u, ok := parseUUID(id)
		return hex.EncodeToString(u[:]), ok && formatUUID(u) == id
	}
	return id, possibleText(id) && id != ""
}

// fromColumn returns the canonical form of a key as the database returns it.
func (k Key) fromColumn(text string) (id string, ok bool) {
	switch k {
	case Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		return strconv.FormatInt(n, 10), err == nil
	case UUID:
		u, ok := parseUUID(text)
		return formatUUID(u), ok
	}
	return text, true
}

// equals returns the condition that a column of this type is the value of a placeholder.
func (k Key) equals(d sqldb.Dialect, column string) string {
	if k == Integer && d == sqldb.PostgreSQL {
		// A driver refuses a number that is too large for the column.
		return column + " = CAST(? AS bigint)"
	}
	return column + " = ?"
}

// parseUUID reads 32 hexadecimal digits, with a UUID's hyphens or without any.
func parseUUID(text string) (u [16]byte, ok bool) {
	if len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
		text = text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	}
	if len(text) != 32 {
		return u, false
	}
	_, err := hex.Decode(u[:], []byte(text))
	return u, err == nil
}

// formatUUID returns Python's str of a UUID.
func formatUUID(u [16]byte) string {
	text := hex.EncodeToString(u[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// UUIDColumn returns a UUIDField that [WithExtraColumns] read, with hyphens, as Python's str
// has it. NULL is the empty text. It is an error if the column was not read or does not hold a
// UUID.
func UUIDColumn(u auth.User, name string) (string, error) {
	text, err := auth.Column[string](u, name)
	if err != nil || text == "" {
		return "", err
	}
	id, ok := UUID.fromColumn(text)
	if !ok {
		return "", fmt.Errorf("usertable: column %q does not hold a UUID", name)
	}
	return id, nil
}

// possibleText reports whether every database takes s as text: a Python str can hold half a
// surrogate pair, PostgreSQL has no NUL, and MySQL's usual collation ignores it, so that "Ann\x00"
// would be another name of Ann's.
func possibleText(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
