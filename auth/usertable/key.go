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
	// UUID is a UUIDField, whether its column is char(32) or of a type of its own:
	// which one depends on the database, its version and Django's.
	UUID
	// Text is a CharField, or another field that holds text.
	Text
)

func (k Key) known() bool { return k >= Integer && k <= Text }

// param returns what to bind for the key with this canonical form; ok is false if
// id is no canonical form of such a key, so that nobody has it.
func (k Key) param(id string) (v any, ok bool) {
	switch k {
	case Integer:
		n, err := strconv.ParseInt(id, 10, 64)
		return n, err == nil && strconv.FormatInt(n, 10) == id
	case UUID:
		// Without the hyphens it is a text equal to a char(32), and one that a uuid
		// column of PostgreSQL's and MariaDB's reads: each goes by its index.
		u, ok := parseUUID(id)
		return hex.EncodeToString(u[:]), ok && formatUUID(u) == id
	}
	return id, possibleText(id) && id != ""
}

// fromColumn returns the canonical form of a key as the database shows it.
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

// equals is the condition that a column of this type is the value of a placeholder.
func (k Key) equals(d sqldb.Dialect, column string) string {
	if k == Integer && d == sqldb.PostgreSQL {
		// A driver would refuse a number that is too large for the column.
		return column + " = CAST(? AS bigint)"
	}
	return column + " = ?"
}

// parseUUID reads 32 hexadecimal digits, with UUID's hyphens or without any.
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

// UUIDColumn returns a UUIDField that [WithExtraColumns] read, as Python's str has it, with
// hyphens: the column is char(32) in some databases and of a type of its own in others. NULL
// is the empty text. It is an error if the column was not read or does not hold a UUID.
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

// formatUUID is Python's str of a UUID.
func formatUUID(u [16]byte) string {
	var b [36]byte
	hex.Encode(b[:8], u[:4])
	hex.Encode(b[9:13], u[4:6])
	hex.Encode(b[14:18], u[6:8])
	hex.Encode(b[19:23], u[8:10])
	hex.Encode(b[24:], u[10:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// possibleText reports whether every database takes s as text: a Python str can
// hold half a surrogate pair, and PostgreSQL has no NUL.
func possibleText(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
