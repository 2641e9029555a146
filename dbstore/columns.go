package dbstore

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/djsession/djsession/serializer"
)

// ExtraColumns returns, by column, the values of what a custom session model has beside
// Django's three columns, for a session that is about to be stored with data. It is called on
// every create, save and renewal, as Django calls create_model_instance.
//
// A column that is not in the map is left alone, or gets the database's default in a new row.
// Values are what the driver takes. A time.Time, a pointer to one and a driver.Valuer that
// returns one are written as Django writes a DateTimeField; [OnCreate] and [UserID] return
// special values. An error fails the save, and nothing is stored.
//
// ctx is the context of the save: in a request, the request's, with its values. data must not be
// changed. The function may be called by several goroutines at once, and again if another
// writer was faster. It is not called for a session whose data cannot be read, which keeps its
// columns.
type ExtraColumns func(ctx context.Context, data *serializer.Dict) (map[string]any, error)

// onCreate is a value for new rows.
type onCreate struct{ value any }

// OnCreate returns a value for [ExtraColumns] that is written when a session is created or
// moves to a new key, which is a new row in Django, and left alone otherwise: for a column
// such as created_at.
func OnCreate(value any) any { return onCreate{value} }

// columns are extra columns with their values.
type columns struct {
	names  []string
	values []any
}

// extraColumns returns the extra columns of a session with data; created is whether it gets a
// new key.
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
		case "", "session_key", "session_data", "expire_date":
			return c, fmt.Errorf("extra columns: a column cannot be named %q", name)
		}
		value := all[name]
		always := true
		for v, ok := value.(onCreate); ok; v, ok = value.(onCreate) {
			value, always = v.value, false
		}
		if always || created {
			c.names = append(c.names, name)
			c.values = append(c.values, s.bind(value))
		}
	}
	return c, nil
}

// bind returns an extra column's value as Django would bind it.
func (s *Store) bind(value any) any {
	if id, ok := value.(userID); ok {
		return id.bind(s.db.Dialect)
	}
	plain, err := driver.DefaultParameterConverter.ConvertValue(value)
	if err != nil {
		return value // the driver may know more types
	}
	switch plain := plain.(type) {
	case time.Time:
		return s.clock.Param(plain)
	case nil, bool:
		return plain
	}
	return value
}
