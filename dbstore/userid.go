package dbstore

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/djsession/djsession/internal/sqldb"
	"github.com/djsession/djsession/serializer"
)

// userID is the primary key of the user who is logged in, as the session has it.
type userID string

// UserID returns the id of the user who is logged in with data, Django's
// session["_auth_user_id"], as a value for a foreign key to AUTH_USER_MODEL in [ExtraColumns]. It
// is nil, for NULL, if no user is logged in. A UUID is written as Django writes a UUIDField:
// without hyphens on SQLite and MySQL. An id that is neither a string nor an integer is an error.
func UserID(data *serializer.Dict) (any, error) {
	var id any
	if v, ok := data.Get("_auth_user_id"); ok && v.Decode(&id) != nil {
		return nil, errUserID
	}
	switch id := id.(type) {
	case nil:
		return nil, nil
	case string:
		return userID(id), nil
	case int64:
		return userID(strconv.FormatInt(id, 10)), nil
	}
	return nil, errUserID
}

var errUserID = errors.New("_auth_user_id is neither a string nor an integer")

var hyphenated = regexp.MustCompile(`\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\z`)

func (id userID) bind(d sqldb.Dialect) any {
	if d != sqldb.PostgreSQL && hyphenated.MatchString(string(id)) {
		return strings.ReplaceAll(string(id), "-", "")
	}
	return string(id)
}
