package sitesettings

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/djsession/djsession/internal/databaseurl"
	"github.com/djsession/djsession/internal/pyliteral"
)

// database is an entry of DATABASES in the file.
type database struct {
	Driver   string `json:"DRIVER,omitempty"`
	DSN      string `json:"DSN,omitempty"`
	URL      string `json:"URL,omitempty"`
	TimeZone string `json:"TIME_ZONE,omitempty"`
}

// databases carries over DATABASES: those that sessions and users are in, or that are "default",
// or name what is wrong with them; and the others that can be.
func (c *converter) databases() {
	dict, ok := c.values["DATABASES"].(pyliteral.Dict)
	if !ok {
		c.file.omit("DATABASES", "%s: set it by hand", cmp.Or(c.problem("DATABASES"), "is computed, or not a dict"))
		return
	}
	entries := map[string]database{}
	for _, p := range dict {
		alias, isText := p.Key.(string)
		settings, isDict := p.Value.(pyliteral.Dict)
		if !isText || !isDict {
			c.file.omit("DATABASES", "an entry is not a dict of settings: %s", c.at("DATABASES"))
			continue
		}
		name := "DATABASES[" + alias + "]"
		d, notes, err := readDatabase(settings)
		if err != nil {
			if c.usesDatabase(alias) {
				c.file.omit(name, "%v", err)
			}
			continue
		}
		entry := database{URL: d.URL()}
		var dropped []string
		entry.Driver, entry.DSN, dropped = d.DSN()
		if pooled, _ := truth(get(settings, "DISABLE_SERVER_SIDE_CURSORS")); pooled && entry.Driver == "pgx" {
			// Django's documentation asks for it behind a pool in transaction mode, where the
			// next statement may find itself on a connection without those that were prepared.
			entry.DSN += " default_query_exec_mode='exec'"
		}
		entry.TimeZone, _ = get(settings, "TIME_ZONE").(string)
		entries[alias] = entry
		if !c.usesDatabase(alias) {
			continue
		}
		for _, note := range notes {
			c.file.omit(name, "%s", note)
		}
		if len(dropped) > 0 {
			c.file.omit(name, "the DSN does not have what OPTIONS says about %s: configure the driver in code", strings.Join(dropped, ", "))
		}
	}
	if len(entries) > 0 {
		c.file.addSecret("DATABASES", entries, timeZones(entries))
	}
	c.routers()
}

// timeZones returns what is not secret in databases, nil for nothing.
func timeZones(entries map[string]database) any {
	public := map[string]database{}
	for alias, d := range entries {
		if d.TimeZone != "" {
			public[alias] = database{TimeZone: d.TimeZone}
		}
	}
	if len(public) == 0 {
		return nil
	}
	return public
}

// usesDatabase reports whether sessions or users are in a database, as far as is known.
func (c *converter) usesDatabase(alias string) bool {
	sessions, _ := c.file.get("SESSION_MODEL").(sessionModel)
	users, _ := c.file.get("USER_MODEL").(userModel)
	return alias == "default" || alias == sessions.Database || alias == users.Database
}

// routers names DATABASE_ROUTERS if the dump does not tell what they choose.
func (c *converter) routers() {
	routers, _ := c.values["DATABASE_ROUTERS"].(pyliteral.List)
	if len(routers) == 0 || c.file.get("USER_MODEL") != nil && c.values["SESSION_STORE"] != nil {
		return
	}
	c.file.omit("DATABASE_ROUTERS", "may keep sessions or users in another database than default, which this dump does not tell: use djsession settings --manage")
}

func get(d pyliteral.Dict, name string) pyliteral.Value {
	v, _ := d.Get(name)
	return v
}

// engineOf recognizes a database engine by its dotted path, also another package's that wraps
// Django's.
func engineOf(path string) databaseurl.Engine {
	path = strings.ToLower(path)
	for _, known := range []struct {
		word   string
		engine databaseurl.Engine
	}{
		{"postg", databaseurl.PostgreSQL}, {"psqlextra", databaseurl.PostgreSQL}, {"timescale", databaseurl.PostgreSQL},
		{"mysql", databaseurl.MySQL}, {"mariadb", databaseurl.MySQL},
		{"sqlite", databaseurl.SQLite}, {"spatialite", databaseurl.SQLite},
	} {
		if strings.Contains(path, known.word) {
			return known.engine
		}
	}
	return 0
}

// readDatabase reads an entry of DATABASES. The notes say what is not carried over.
func readDatabase(settings pyliteral.Dict) (d databaseurl.Database, notes []string, err error) {
	engine, _ := get(settings, "ENGINE").(string)
	if d.Engine = engineOf(engine); d.Engine == 0 {
		return d, nil, fmt.Errorf("ENGINE is %q: PostgreSQL, MySQL, MariaDB and SQLite are supported", engine)
	}
	for _, field := range []struct {
		name string
		into *string
	}{{"NAME", &d.Name}, {"USER", &d.User}, {"PASSWORD", &d.Password}, {"HOST", &d.Host}} {
		switch v := get(settings, field.name).(type) {
		case nil:
		case string:
			*field.into = v
		case int64:
			*field.into = fmt.Sprint(v)
		default:
			notes = append(notes, field.name+" is computed, or not a str: add it to the DSN and the URL by hand")
		}
	}
	switch port := get(settings, "PORT").(type) {
	case int64:
		d.Port = int(port)
	case string:
		if port != "" {
			n, err := strconv.ParseUint(port, 10, 16)
			if err != nil {
				return d, nil, errors.New("PORT is not a number up to 65535")
			}
			d.Port = int(n)
		}
	}
	if d.Engine == databaseurl.SQLite {
		if d.Name == "" || strings.HasPrefix(d.Name, ":memory:") || strings.Contains(d.Name, "mode=memory") {
			return d, nil, errors.New("a SQLite database in memory is in Django's process only")
		}
		if strings.HasPrefix(d.Name, "file:") {
			return d, nil, errors.New("NAME is a URI of SQLite's: set the database's path by hand")
		}
		if !isAbsolute(d.Name) {
			notes = append(notes, relativePath("NAME"))
		}
		d.User, d.Password, d.Host, d.Port = "", "", "", 0 // ignored by Django, too
	}
	options, _ := get(settings, "OPTIONS").(pyliteral.Dict)
	notes = append(notes, readOptions(&d, options)...)
	return d, notes, nil
}

// isAbsolute reports whether a path of the site's system, which may be another one than this, is
// absolute.
func isAbsolute(path string) bool {
	return strings.HasPrefix(path, "/") || strings.HasPrefix(path, `\`) || len(path) > 1 && path[1] == ':'
}

func relativePath(setting string) string {
	return setting + " is relative to the directory that the site runs in: write an absolute path"
}

// optionNames are what some options are called in a URL.
var optionNames = map[string]string{"ssl.ca": "ssl-ca", "ssl.cert": "ssl-cert", "ssl.key": "ssl-key"}

// readOptions carries over OPTIONS as the options of a URL.
func readOptions(d *databaseurl.Database, options pyliteral.Dict) (notes []string) {
	d.Options = map[string]string{}
	for _, p := range options {
		name, _ := p.Key.(string)
		if nested, ok := p.Value.(pyliteral.Dict); ok && name == "ssl" {
			for _, q := range nested {
				key, _ := q.Key.(string)
				value, isText := q.Value.(string)
				if url := optionNames["ssl."+key]; url != "" && isText {
					d.Options[url] = value
				} else {
					notes = append(notes, "OPTIONS ssl "+key+" has no counterpart: configure the driver in code")
				}
			}
			continue
		}
		value, ok := optionText(p.Value)
		switch {
		case name == "pool": // a pool of Django's own; Go has one anyway
		case !ok:
			notes = append(notes, "OPTIONS "+name+" is not text or a number: configure the driver in code")
		case value != "":
			d.Options[name] = value
		}
	}
	return notes
}

// optionText returns an option's value as a URL has it.
func optionText(v pyliteral.Value) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool, int64, float64:
		return fmt.Sprint(v), true
	}
	return "", false
}
