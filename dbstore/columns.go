package dbstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/djsession/djsession/serializer"
)

// ExtraColumns returns the values, by column, of what a custom session model has
// beside Django's three columns, for a session that is about to be stored with data. It
// is called on every create, save and renewal, as Django calls create_model_instance.
//
// A column that is not in the map is left alone, or gets the database's default if the
// session is new; a nil map is an empty one. Values are what the driver takes; a time.Time, a
// pointer to one and a driver.Valuer that returns one, such as sql.NullTime, are written as
// Django writes a DateTimeField, and [OnCreate] and [UserID] return special values.
// An error fails the save, and nothing is stored.
//
// ctx is that of the save: in a request, the request's, with its values. data must not be
// changed. The function is called with no lock held by this package, possibly by several
// goroutines at once, and again if another writer was faster. It is not called for a
// session whose data cannot be read, which keeps its columns.
type ExtraColumns func(ctx context.Context, data *serializer.Dict) (map[string]any, error)

// onCreate is a value for new sessions.
type onCreate struct{ value any }

// OnCreate returns a value for [ExtraColumns] that is written when a session is created or
// moves to a new key, which Django does with a new row, and left alone otherwise: for a
// column such as created_at.
func OnCreate(value any) any { return onCreate{value} }

// columns are extra columns with their values.
type columns struct {
	names   []string
	values  []any
	secrets []string
}

// extraColumns asks for the extra columns of a session with data; created is whether it
// gets a new key.
func (s *Store) extraColumns(ctx context.Context, data *serializer.Dict, created bool) (c columns, err error) {
	all := map[string]any{}
	for _, f := range []ExtraColumns{s.model.extra, s.opts.extra} {
		if f == nil {
			continue
		}
		some, err := f(ctx, data)
		if err != nil {
			return c, fmt.Errorf("extra columns: %w", err)
		}
		maps.Copy(all, some)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch strings.ToLower(name) {
		case "":
			return c, errors.New("extra columns: a column has no name")
		case "session_key", "session_data", "expire_date":
			return c, fmt.Errorf("extra columns: column %s is Django's own", name)
		}
		value, always := whenCreated(all[name])
		if !always && !created {
			continue
		}
		c.names = append(c.names, name)
		c.add(s, value)
	}
	return c, nil
}

// whenCreated returns what [OnCreate] was given, and whether it was not called.
func whenCreated(value any) (given any, always bool) {
	always = true
	for {
		v, ok := value.(onCreate)
		if !ok {
			return value, always
		}
		value, always = v.value, false
	}
}

// add adds a value as Django would bind it, and what a message must not quote of it.
func (c *columns) add(s *Store, value any) {
	if id, ok := value.(userID); ok {
		value = id.bind(s.db.Dialect)
	}
	plain, err := driver.DefaultParameterConverter.ConvertValue(value)
	if err != nil { // the driver may know more types
		plain = value
	}
	switch v := plain.(type) {
	case time.Time:
		c.values = append(c.values, s.clock.Param(v))
		return
	case nil, bool:
		c.values = append(c.values, v)
		return
	case []byte:
		plain = string(v)
	}
	c.values = append(c.values, value)
	c.secrets = append(c.secrets, fmt.Sprint(plain))
}
