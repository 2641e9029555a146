package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"
)

var databases = map[string]*sqlx.DB{} // by the path of the file

func database(path string) (*sqlx.DB, error) {
	if db := databases[path]; db != nil {
		return db, nil
	}
	db, err := sqlx.Open("sqlite", "file:"+path+"?mode=rw")
	if err == nil {
		databases[path] = db
	}
	return db, err
}

func openDatabase(spec *siteSpec) (django.Engine, error) {
	db, err := database(spec.Database)
	if err != nil {
		return nil, err
	}
	opts := []dbstore.Option{dbstore.WithTable(spec.Table)}
	if spec.ExtraColumns {
		opts = append(opts, dbstore.WithExtraColumns(extraColumns))
	}
	return dbstore.New(db, opts...), nil
}

// extraColumns asks Django's model for the values of its own columns.
func extraColumns(_ context.Context, data *serializer.Dict) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(ask("extra_columns", map[string]any{"data": dictToPython(data)})))
	d.UseNumber()
	var columns map[string]any
	if err := d.Decode(&columns); err != nil {
		return nil, err
	}
	for name, v := range columns {
		if n, ok := v.(json.Number); ok {
			if columns[name], _ = n.Int64(); strings.ContainsAny(n.String(), ".eE") {
				columns[name], _ = n.Float64()
			}
		}
	}
	return columns, nil
}
