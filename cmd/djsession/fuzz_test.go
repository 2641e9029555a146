package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-sql-driver/mysql"

	"github.com/djsession/djsession/internal/databaseurl"
	"github.com/djsession/djsession/serializer"
)

// FuzzIndent compares with encoding/json where that can read the text, and in
// any case looks for what must not change: all but the blanks.
func FuzzIndent(f *testing.F) {
	f.Add(`{"a":[1.0,{"b":"\"}"},[],{}],"c":null}`)
	f.Add(`{ "a" : NaN }`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := serializer.JSON.Loads([]byte(text)); err != nil {
			t.Skip("not a session")
		}
		got := indent([]byte(text))
		var want, again bytes.Buffer
		if json.Indent(&want, []byte(text), "", "  ") == nil && strings.Count(text, "[")+strings.Count(text, "{") < deepest {
			if !bytes.Equal(got, bytes.TrimSpace(want.Bytes())) {
				t.Errorf("%q becomes\n%s, want\n%s", text, got, want.Bytes())
			}
			if err := json.Compact(&again, got); err != nil {
				t.Error(err)
			}
		}
		if _, err := serializer.JSON.Loads(got); err != nil {
			t.Errorf("%q becomes %q, which is no JSON", text, got)
		}
		if twice := indent(got); !bytes.Equal(twice, got) {
			t.Errorf("%q becomes %q, and that %q", text, got, twice)
		}
	})
}

// FuzzArguments: what is given is run, in the order in which it stands, with a "--"
// more where a negative number asks for it.
func FuzzArguments(f *testing.F) {
	for _, args := range []string{
		"", "set\nk\nn\n-1", "set\n--table\n-1\nk\nn\n-1", "list\n--limit\n-1", "create\n-Infinity\n--use-tz=True", "set\n--\n-1", "-1", "set\n-1\n--\n-2\n--",
		"show\nk\n--pretty\n-1.5e+3", "__complete\nset\n-1", "login\n--secret-key\n--\n-1", "nothing\n-1",
	} {
		f.Add(args)
	}
	root := (&app{getenv: func(string) string { return "" }}).rootCommand()
	f.Fuzz(func(t *testing.T, text string) {
		args := strings.Split(text, "\n")
		got := guardNegativeNumbers(root, slices.Clone(args))
		if !slices.ContainsFunc(args, negativeNumber.MatchString) && !slices.Equal(got, args) {
			t.Fatalf("%q becomes %q", args, got)
		}
		if more := len(got) - len(args); more < 0 || more > 1 {
			t.Fatalf("%q becomes %q", args, got)
		}
		without := func(list []string) []string {
			list = slices.DeleteFunc(slices.Clone(list), func(arg string) bool { return arg == "--" })
			slices.Sort(list)
			return list
		}
		if !slices.Equal(without(got), without(args)) {
			t.Fatalf("%q becomes %q, which is something else", args, got)
		}
		if strings.HasPrefix(args[len(args)-1], "--") {
			return // it lacks its value, for which it takes the "--": wrong use, either way
		}
		if again := guardNegativeNumbers(root, slices.Clone(got)); !slices.Equal(again, got) {
			t.Fatalf("%q becomes %q, and that %q", args, got, again)
		}
	})
}

// FuzzValue takes a text for the JSON in an argument: what encoding/json reads is
// read as the same, and written so that Django reads it.
func FuzzValue(f *testing.F) {
	for _, text := range []string{"{}", `{"a":1.0,"b":[NaN],"a":2}`, `{"é":"\ud83d\ude00 \u00e9"}`, `{"a":12345678901234567890}`, "[1]", "null", "", `{"a":`, "{\"a\":\"\xff\"}", `{"\ud800":1}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := parseDict([]byte(text))
		var want map[string]any
		object := utf8.ValidString(text) && strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") && read(text, &want) == nil
		if err != nil {
			// What is too long or too deep for Python is long.
			if object && len(text) < 500 {
				t.Fatalf("%q: %v", text, err)
			}
			if len(text) > 8 && strings.Contains(err.Error(), text) {
				t.Fatalf("%q is in the error %q", text, err)
			}
			return
		}
		written, err := serializer.JSON.Dumps(d)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(string(written), func(r rune) bool { return r < ' ' || r > 0x7f }) {
			t.Fatalf("%q becomes %q", text, written)
		}
		if again, err := serializer.JSON.Loads(written); err != nil || again.Len() != d.Len() {
			t.Fatalf("%q becomes %q, which is read as another: %v", text, written, err)
		}
		var got map[string]any
		if object && (read(string(written), &got) != nil || !reflect.DeepEqual(got, want)) {
			t.Fatalf("%q becomes %q", text, written)
		}
	})
}

// read is json.Unmarshal that leaves numbers as they are spelled.
func read(text string, into any) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("more than one value")
	}
	return nil
}

// FuzzSettings: whatever stands in the environment, the settings are those that were
// said, or an error that names no secret.
func FuzzSettings(f *testing.F) {
	f.Add("key", "", "True", "", "", "", "", "", "", "")
	f.Add("key", "a,b", "no", "Europe/Berlin", "4.2", "modern", "1", "60", "SessionStore", "a.B, c.D")
	f.Add("key", ",", "False", "", "2.2", "pre31", "off", "-1", "", ",")
	f.Add("", "x", "maybe", "Local", "1.11", "old", "x", "9223372036854775807", "S", " ")
	env := map[string]string{}
	a := &app{getenv: func(name string) string { return env[name] }}
	login := commandOf(f, a, "login") // which uses all settings
	f.Fuzz(func(t *testing.T, key, fallbacks, useTZ, zone, version, format, older, age, class, backends string) {
		if key != "" {
			key = "s3cret-" + key
		}
		if fallbacks != "" {
			fallbacks = "0lder-" + fallbacks
		}
		env = map[string]string{
			"DJANGO_SECRET_KEY": key, "DJANGO_SECRET_KEY_FALLBACKS": fallbacks, "DJANGO_USE_TZ": useTZ, "DJANGO_TIME_ZONE": zone, "DJANGO_VERSION": version,
			"DJANGO_SESSION_FORMAT": format, "DJANGO_READ_OLDER_FORMATS": older, "DJANGO_SESSION_COOKIE_AGE": age, "DJANGO_SESSION_STORE_CLASS": class,
			"DJANGO_AUTHENTICATION_BACKENDS": backends,
		}
		a.secrets = nil
		set, err := a.djangoSettings(inputs{cmd: login, getenv: a.getenv})
		if err != nil {
			if text := err.Error(); strings.Contains(text, "s3cret-") || strings.Contains(text, "0lder-") {
				t.Fatalf("a secret is in %q", text)
			}
			return
		}
		if set.SecretKey != key || strings.Join(set.SecretKeyFallbacks, ",") != fallbacks || set.DjangoVersion != version || set.TimeZone != zone {
			t.Fatalf("%q becomes %v", env, set)
		}
		if said := set.UseTZ != nil; said != (useTZ != "") || said && *set.UseTZ != slices.Contains([]string{"true", "1", "yes", "on"}, strings.ToLower(useTZ)) {
			t.Fatalf("USE_TZ %q is taken for %v", useTZ, set.UseTZ)
		}
		if seconds := fmt.Sprint(set.SessionCookieAge); age != "" && seconds != strings.TrimLeft(age, "+0") {
			t.Fatalf("%q seconds are taken for %s", age, seconds)
		}
		if err := set.Validate(); err != nil {
			t.Fatal(err)
		}
		if hidden := a.secrets.hide(key + "," + fallbacks); strings.Contains(hidden, "s3cret-") || strings.Contains(hidden, "0lder-") {
			t.Fatalf("a message could hold %q", hidden)
		}
	})
}

// FuzzConnection makes of a database URL what its driver takes: the same user,
// password and name, or an error without the password.
func FuzzConnection(f *testing.F) {
	for _, rest := range []string{
		"h/shop", "h:5433/shop?sslmode=require", "/shop?host=h&user=u", "[::1]:1/shop?sslmode=x", "%2Frun%2Fdb/shop", "h/shop?options=-c%20a=b", "h/shop?unix_socket=%2Frun%2Fmy.sock",
		"h/shop?ssl_mode=VERIFY_IDENTITY", "h/shop?connect_timeout=3&charset=utf8", "h/shop?connect_timeout=x", "h/shop?unknown=1", "h/it%27s%5C", "h/a%3Fmode%3Dmemory", "h,i:1/shop", "h/shop?password=x",
	} {
		f.Add("postgres", "p@ss w\u00f6rd'\\", rest)
		f.Add("mysql", "p@ss:/?#[]", rest)
		f.Add("sqlite", "", rest)
	}
	// They name files, which the drivers' own parsers read.
	files := []string{"ssl-ca", "sslrootcert", "sslcert", "sslkey", "passfile", "servicefile", "service"}
	f.Fuzz(func(t *testing.T, scheme, password, rest string) {
		const mark = "s3cret-"
		d, err := databaseurl.Parse(scheme + "://u:" + mark + url.QueryEscape(password) + "@" + rest)
		if err != nil {
			noSecret(t, err, mark)
			return
		}
		for name := range d.Options {
			if slices.Contains(files, strings.ToLower(strings.TrimSpace(name))) {
				return
			}
		}
		// OPTIONS override these, as in Django.
		overridden := slices.ContainsFunc([]string{"user", "password", "passwd", "database", "db", "dbname", "host", "port"}, func(name string) bool { return d.Options[name] != "" })
		given := d.Password
		switch d.Engine {
		case databaseurl.PostgreSQL:
			config, err := postgreSQLConfig(d)
			if err != nil {
				noSecret(t, err, mark)
				return
			}
			if overridden {
				return
			}
			if config.Password != given || config.User != d.User || d.Name != "" && config.Database != d.Name {
				t.Fatalf("%q: user %q of database %q, want %q of %q", rest, config.User, config.Database, d.User, d.Name)
			}
			if d.Host != "" && !strings.Contains(d.Host, ",") && config.Host != d.Host {
				t.Fatalf("%q: host %q, want %q", rest, config.Host, d.Host)
			}
		case databaseurl.MySQL:
			config, _, err := mysqlConfig(d)
			if err != nil {
				noSecret(t, err, mark)
				return
			}
			if overridden {
				return
			}
			if config.Passwd != given || config.User != d.User || d.Name != "" && config.DBName != d.Name {
				t.Fatalf("%q: user %q of database %q, want %q of %q", rest, config.User, config.DBName, d.User, d.Name)
			}
			if config.Net == "tcp" && d.Host != "" && config.Addr != d.Address(3306) {
				t.Fatalf("%q: %q, want %q", rest, config.Addr, d.Address(3306))
			}
			if _, err := mysql.NewConnector(config); err != nil {
				noSecret(t, err, mark)
			}
		case databaseurl.SQLite:
			u, err := url.Parse(sqliteURI(d.Name))
			if err != nil {
				t.Fatalf("%q: %v", d.Name, err)
			}
			name := u.Path
			if u.Opaque != "" {
				if name, err = url.PathUnescape(u.Opaque); err != nil {
					t.Fatal(err)
				}
			}
			if name != d.Name || u.RawQuery != "" || u.Fragment != "" || u.Host != "" {
				t.Fatalf("%q becomes %q", d.Name, u)
			}
		}
	})
}

func noSecret(t *testing.T, err error, mark string) {
	t.Helper()
	if strings.Contains(err.Error(), mark) {
		t.Fatalf("the password is in %q", err)
	}
}
