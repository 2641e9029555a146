package sitesettings_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/sitesettings"
)

// reprs returns a report of a small site with some settings changed.
func reprs(changes map[string]string) map[string]string {
	all := map[string]string{
		"DJANGO_VERSION": "'5.2'", "SECRET_KEY": "'hush'", "SESSION_ENGINE": "'django.contrib.sessions.backends.db'", "SESSION_CACHE_ALIAS": "'default'",
		"SESSION_COOKIE_NAME": "'sessionid'", "CSRF_COOKIE_NAME": "'csrftoken'", "USE_TZ": "True", "USE_X_FORWARDED_PORT": "False",
		"DATABASES": "{'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': '/srv/db.sqlite3'}}",
	}
	maps.Copy(all, changes)
	return all
}

func convert(t *testing.T, changes map[string]string) sitesettings.File {
	t.Helper()
	dump, err := sitesettings.FromReport(reprs(changes))
	if err != nil {
		t.Fatal(err)
	}
	file, err := sitesettings.Convert(dump, sitesettings.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// value returns an entry of a file as JSON, "" without one.
func value(t *testing.T, file sitesettings.File, name string) string {
	t.Helper()
	content, err := file.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	if all[name] == nil {
		return ""
	}
	var compact strings.Builder
	encoder := json.NewEncoder(&compact)
	encoder.SetEscapeHTML(false)
	var v any
	if err := json.Unmarshal(all[name], &v); err != nil {
		t.Fatal(err)
	}
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(compact.String())
}

func TestConvert(t *testing.T) {
	tests := []struct {
		name, repr, entry, want string
		omitted                 string // part of what is named; "" for nothing
	}{
		{"SECRET_KEY", `b'a\xc3\xa9'`, "SECRET_KEY", `"aé"`, ""},
		{"SECRET_KEY", `b'\xff'`, "SECRET_KEY", `{"BASE64":"/w=="}`, ""},
		{"SECRET_KEY", `'it\'s "$HOME"\n'`, "SECRET_KEY", `"it's \"$HOME\"\n"`, ""},
		{"SECRET_KEY_FALLBACKS", `('a', b'\xff')`, "SECRET_KEY_FALLBACKS", `["a",{"BASE64":"/w=="}]`, ""},
		{"SESSION_COOKIE_AGE", "3600.0", "SESSION_COOKIE_AGE", "3600", ""},
		{"SESSION_COOKIE_AGE", "datetime.timedelta(days=1)", "SESSION_COOKIE_AGE", "", "SESSION_COOKIE_AGE: its value is not of the type"},
		{"SESSION_COOKIE_DOMAIN", "None", "SESSION_COOKIE_DOMAIN", `""`, ""},
		{"SESSION_COOKIE_SAMESITE", "False", "SESSION_COOKIE_SAMESITE", `""`, ""},
		{"SESSION_COOKIE_SAMESITE", "'None'", "SESSION_COOKIE_SAMESITE", `"None"`, ""},
		{"SESSION_COOKIE_SECURE", "1", "SESSION_COOKIE_SECURE", "true", ""},
		{"CSRF_COOKIE_AGE", "None", "CSRF_COOKIE_AGE", "0", ""},
		{"MESSAGE_TAGS", "{50: 'critical', 25: ''}", "MESSAGE_TAGS", `{"25":"","50":"critical"}`, ""},
		{"SECURE_PROXY_SSL_HEADER", "None", "SECURE_PROXY_SSL_HEADER", "", ""},
		{"SECURE_PROXY_SSL_HEADER", "('HTTP_X',)", "SECURE_PROXY_SSL_HEADER", "", "SECURE_PROXY_SSL_HEADER: its value is not of the type"},
		{"CSRF_TRUSTED_ORIGINS", "None", "CSRF_TRUSTED_ORIGINS", "[]", ""},
		{"SECURE_PROXY_SSL_HEADER", "('HTTP_X', 'on')", "SECURE_PROXY_SSL_HEADER", `["HTTP_X","on"]`, ""},
		{"LOGIN_URL", "'login'", "LOGIN_URL", "", "LOGIN_URL: is the name of a URL pattern"},
		{"LOGIN_URL", "<django.utils.functional.lazy.<locals>.__proxy__ object at 0x7f>", "LOGIN_URL", "", "LOGIN_URL: its value"},
		{"DEFAULT_HASHING_ALGORITHM", "'sha1'", "SESSION_FORMAT", `"pre31"`, ""},
		{"SESSION_ENGINE", "'shop.sessions'", "SESSION_ENGINE", `"shop.sessions"`, "this dump does not tell what it is"},
		{"SESSION_ENGINE", "'djsession.db'", "SESSION_ENGINE", `"djsession.db"`, ""},
		{"SESSION_ENGINE", "'djsession.other'", "SESSION_ENGINE", `"djsession.other"`, "this dump does not tell what it is"},
		{"AUTH_USER_MODEL", "'accounts.Member'", "USER_MODEL", "", "accounts.Member is not Django's own"},
		{"PASSWORD_HASHERS", "['shop.Hasher']", "PASSWORD_HASHERS", `["shop.Hasher"]`, "PASSWORD_HASHERS: shop.Hasher is not Django's"},
		{"AUTHENTICATION_BACKENDS", "['django.contrib.auth.backends.ModelBackend', 'shop.Backend']", "AUTHENTICATION_BACKENDS", `["django.contrib.auth.backends.ModelBackend","shop.Backend"]`, "AUTHENTICATION_BACKENDS: shop.Backend is not Django's"},
		{"MIDDLEWARE", "['a.B']", "MIDDLEWARE", `["a.B"]`, "has no SessionMiddleware"},
		{"SESSION_TIMEOUT", "5", "SESSION_TIMEOUT", "", "SESSION_TIMEOUT: is not a setting of Django's"},
		{"AUTH_PASSWORD_VALIDATORS", "[{'NAME': 'a'}]", "AUTH_PASSWORD_VALIDATORS", "", "AUTH_PASSWORD_VALIDATORS: run in Django only"},
		{"AUTH_PASSWORD_VALIDATORS", "[]", "AUTH_PASSWORD_VALIDATORS", "", ""},
		{"CSRF_FAILURE_VIEW", "'shop.views.failure'", "CSRF_FAILURE_VIEW", "", "CSRF_FAILURE_VIEW: is shop.views.failure"},
		{"CSRF_FAILURE_VIEW", "'django.views.csrf.csrf_failure'", "CSRF_FAILURE_VIEW", "", ""},
		{"DATABASE_ROUTERS", "['a.Router']", "DATABASE_ROUTERS", "", "DATABASE_ROUTERS: may keep sessions or users in another database"},
		{"DATABASES", "{}", "DATABASES", "", ""},
		{"DATABASES", "<x>", "DATABASES", "", "DATABASES: is computed"},
		{"DATABASES", "{'default': {'ENGINE': 'django.db.backends.oracle', 'NAME': 'x'}}", "DATABASES", "", `DATABASES[default]: ENGINE is "django.db.backends.oracle"`},
		{"DATABASES", "{'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}", "DATABASES", "", "in memory"},
		{"DATABASES", "{'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'file:/srv/a?cache=private'}}", "DATABASES", "", "NAME is a URI"},
		{"DATABASES", "{'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'a b.db'}}", "DATABASES", `{"default":{"DRIVER":"sqlite","DSN":"file:a%20b.db?mode=rw","URL":"sqlite:///a%20b.db"}}`, "NAME is relative"},
		{"USER_MODEL", "{'label': 'a.B', 'table': 'b', 'id': 'id', 'key': 'OddField', 'username': 'name', 'columns': {'name': 'n', 'password': 'p'}}", "USER_MODEL",
			`{"COLUMNS":{"id":"id","password":"p","username":"n"},"KEY":"text","LABEL":"a.B","TABLE":"b"}`, "the primary key of a.B is a OddField"},
		{"USER_MODEL", "{'label': 'a.B', 'table': 'b', 'id': 'id', 'key': 'AutoField', 'username': 'name', 'columns': {'name': 'n'}}", "USER_MODEL", "", "has no column for its USERNAME_FIELD or its password"},
	}
	for _, tt := range tests {
		file := convert(t, map[string]string{tt.name: tt.repr})
		if got := value(t, file, tt.entry); got != tt.want {
			t.Errorf("%s = %s gives %s %s, want %s", tt.name, tt.repr, tt.entry, got, tt.want)
		}
		var omitted []string
		for _, o := range file.Omitted {
			omitted = append(omitted, o.Setting+": "+o.Why)
		}
		if text := strings.Join(omitted, "\n"); (tt.omitted == "") != (text == "") || !strings.Contains(text, tt.omitted) {
			t.Errorf("%s = %s omits %q, want %q", tt.name, tt.repr, text, tt.omitted)
		}
	}
}

// Under DEBUG, an empty ALLOWED_HOSTS is that of a development server.
func TestAllowedHosts(t *testing.T) {
	for debug, want := range map[string]string{"True": `[".localhost","127.0.0.1","[::1]"]`, "False": "[]"} {
		file := convert(t, map[string]string{"ALLOWED_HOSTS": "[]", "DEBUG": debug})
		if got := value(t, file, "ALLOWED_HOSTS"); got != want {
			t.Errorf("DEBUG = %s gives %s", debug, got)
		}
	}
}

func TestCaches(t *testing.T) {
	const redis = "'BACKEND': 'django_redis.cache.RedisCache', 'LOCATION': "
	tests := []struct{ entry, want, omitted string }{
		{"'BACKEND': 'django.core.cache.backends.redis.RedisCache', 'LOCATION': 'redis://u:p%40@h:1/2'", `{"BACKEND":"django.core.cache.backends.redis.RedisCache","LOCATION":"redis://u:p%40@h:1/2","URL":"redis://u:p%40@h:1/2","VERSION":1}`, ""},
		{"'BACKEND': 'django.core.cache.backends.redis.RedisCache', 'LOCATION': ['redis://a', 'redis://b'], 'OPTIONS': {'db': '3'}", `{"BACKEND":"django.core.cache.backends.redis.RedisCache","LOCATION":"redis://a/3","URL":"redis://a/3","VERSION":1}`, "first server of LOCATION only"},
		{redis + "'redis://h:1/2', 'KEY_PREFIX': 'p', 'VERSION': 4, 'OPTIONS': {'PASSWORD': 'a@b', 'SERIALIZER': 'django_redis.serializers.json.JSONSerializer', 'COMPRESSOR': 'django_redis.compressors.zstd.ZStdCompressor'}",
			`{"BACKEND":"django_redis.cache.RedisCache","COMPRESSOR":"zstd","KEY_PREFIX":"p","LOCATION":"redis://:a%40b@h:1/2","SERIALIZER":"json","URL":"redis://:a%40b@h:1/2","VERSION":4}`, ""},
		{redis + "'redis://h', 'OPTIONS': {'IGNORE_EXCEPTIONS': True}", `{"BACKEND":"django_redis.cache.RedisCache","LOCATION":"redis://h","URL":"redis://h","VERSION":1}`, "remove IGNORE_EXCEPTIONS"},
		{redis + "'redis://h', 'OPTIONS': {'CLIENT_CLASS': 'django_redis.client.SentinelClient'}", "", "OPTIONS CLIENT_CLASS is SentinelClient"},
		{redis + "'redis://h', 'OPTIONS': {'SERIALIZER': 'shop.Serializer'}", `{"BACKEND":"django_redis.cache.RedisCache","LOCATION":"redis://h","URL":"redis://h","VERSION":1}`, "write it in Go as a cachestore.Encoding"},
		{redis + "'redis://h', 'OPTIONS': {'CONNECTION_POOL_KWARGS': {'ssl_cert_reqs': None}}", `{"BACKEND":"django_redis.cache.RedisCache","LOCATION":"redis://h","URL":"redis://h","VERSION":1}`, "OPTIONS CONNECTION_POOL_KWARGS is not carried over"},
		{redis + "'valkeys://h/1'", `{"BACKEND":"django_redis.cache.RedisCache","LOCATION":"rediss://h/1","URL":"rediss://h/1","VERSION":1}`, ""},
		{redis + "'rediss://h/1?db=2&ssl_cert_reqs=none'", `{"BACKEND":"django_redis.cache.RedisCache","LOCATION":"rediss://h/1?db=2&ssl_cert_reqs=none","URL":"rediss://h/1?db=2&ssl_cert_reqs=none","VERSION":1}`, "LOCATION has the option ssl_cert_reqs"},
		{redis + "'redis://h', 'KEY_FUNCTION': 'shop.key'", `{"BACKEND":"django_redis.cache.RedisCache","KEY_FUNCTION":"shop.key","LOCATION":"redis://h","URL":"redis://h","VERSION":1}`, "WithKeyFunction"},
		{redis + "env('REDIS')", "", "LOCATION is computed"},
		{"'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache', 'LOCATION': ['a:1', 'b:2']", `{"BACKEND":"django.core.cache.backends.memcached.PyMemcacheCache","LOCATION":"a:1;b:2","URL":"memcached://a:1,b:2","VERSION":1}`, ""},
		{"'BACKEND': 'django.core.cache.backends.memcached.PyLibMCCache', 'LOCATION': 'a:1;b:2', 'OPTIONS': {'behaviors': {'ketama': True}}", `{"BACKEND":"django.core.cache.backends.memcached.PyLibMCCache","LOCATION":"a:1;b:2","URL":"pylibmc://a:1,b:2","VERSION":1}`, "OPTIONS behaviors"},
		{"'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache', 'LOCATION': 'unix:/run/m.sock'", `{"BACKEND":"django.core.cache.backends.memcached.PyMemcacheCache","LOCATION":"unix:/run/m.sock","URL":"memcached:///run/m.sock","VERSION":1}`, ""},
		{"'BACKEND': 'django.core.cache.backends.db.DatabaseCache', 'LOCATION': 'cache_table', 'OPTIONS': {'MAX_ENTRIES': 9, 'CULL_FREQUENCY': 2}", `{"BACKEND":"django.core.cache.backends.db.DatabaseCache","CULL_FREQUENCY":2,"LOCATION":"cache_table","MAX_ENTRIES":9,"URL":"dbcache://cache_table","VERSION":1}`, ""},
		{"'BACKEND': 'django.core.cache.backends.filebased.FileBasedCache', 'LOCATION': PosixPath('/var/a b;c')", `{"BACKEND":"django.core.cache.backends.filebased.FileBasedCache","LOCATION":"/var/a b;c","URL":"file:///var/a%20b;c","VERSION":1}`, ""},
		{"'BACKEND': 'django.core.cache.backends.filebased.FileBasedCache', 'LOCATION': 'cache'", "", "LOCATION is relative"},
		{"'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'", "", "cannot be shared"},
		{"'BACKEND': 'shop.Cache', 'LOCATION': 'x'", "", `BACKEND is "shop.Cache"`},
	}
	for _, tt := range tests {
		file := convert(t, map[string]string{"SESSION_ENGINE": "'django.contrib.sessions.backends.cached_db'", "CACHES": "{'default': {" + tt.entry + "}}"})
		want := ""
		if tt.want != "" {
			want = `{"default":` + tt.want + "}"
		}
		if got := value(t, file, "CACHES"); got != want {
			t.Errorf("%s gives\n%s, want\n%s", tt.entry, got, want)
		}
		omitted := ""
		for _, o := range file.Omitted {
			omitted += o.Setting + ": " + o.Why + "\n"
		}
		if (tt.omitted == "") != (omitted == "") || !strings.Contains(omitted, tt.omitted) {
			t.Errorf("%s omits %q, want %q", tt.entry, omitted, tt.omitted)
		}
	}
}

const head = "### ABSOLUTE_URL_OVERRIDES = {}\n"

// dumpText returns what diffsettings --all prints for a report.
func dumpText(changes map[string]string) string {
	all := reprs(changes)
	delete(all, "DJANGO_VERSION")
	var b strings.Builder
	b.WriteString(head)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.WriteString(name + " = " + all[name] + "\n")
	}
	return b.String() + "### YEAR_MONTH_FORMAT = 'F Y'\n"
}

func TestReadDiffsettings(t *testing.T) {
	for name, text := range map[string]string{
		"as it is":       dumpText(nil),
		"with CRLF":      strings.ReplaceAll(dumpText(nil), "\n", "\r\n"),
		"after a banner": "Loading .env\nready = yes\n" + dumpText(nil),
		"not for us":     dumpText(map[string]string{"SHOP": "<shop.Shop object at", "LOGGING": "{'a': <x"}),
		"marked after":   strings.ReplaceAll(dumpText(map[string]string{"SHOP": "1"}), "SHOP = 1", "SHOP = 1  ###"),
		"unified":        "  ABSOLUTE_URL_OVERRIDES = {}\n- SECRET_KEY = ''\n+ " + strings.Join(strings.Split(strings.TrimSuffix(strings.TrimPrefix(dumpText(nil), head), "\n"), "\n"), "\n+ ") + "\n",
	} {
		dump, err := sitesettings.Read([]byte(strings.ReplaceAll(text, "+ ### ", "  ")))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := sitesettings.Convert(dump, sitesettings.Options{}); err == nil || !strings.Contains(err.Error(), "--django-version") {
			t.Errorf("%s: without a version: %v", name, err)
		}
		file, err := sitesettings.Convert(dump, sitesettings.Options{DjangoVersion: "5.2"})
		if err != nil || value(t, file, "SECRET_KEY") != `"hush"` {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A dump that is damaged, cut off or of another kind is refused, with the line, and without
// what it holds.
func TestBadDumps(t *testing.T) {
	whole := dumpText(nil)
	for name, tt := range map[string]struct{ text, want string }{
		"empty":              {"", "neither the output"},
		"other text":         {"hello\nworld\n", "neither the output"},
		"settings.py":        {"import os\nSECRET_KEY = 'hush'\nDEBUG = os.environ['hush']\n", "line 3, setting DEBUG: column 11: text after the value"},
		"only what differs":  {"SECRET_KEY = 'hush'  ###\nUSE_TZ = True  ###\n", "diffsettings --all"},
		"half":               {whole[:strings.Index(whole, "USE_TZ")], "not complete"},
		"cut in a line":      {whole[:strings.Index(whole, "hush")+2], "line 4, setting SECRET_KEY: column"},
		"cut in a name":      {whole[:strings.Index(whole, "SESSION_CACHE")+9], "line 5 is cut off"},
		"damaged":            {strings.Replace(whole, "'hush'", "'hush", 1), "line 4, setting SECRET_KEY: column"},
		"two lines":          {strings.Replace(whole, "'hush'", "'hush\nhush'", 1), "line 4, setting SECRET_KEY"},
		"wrapped":            {strings.Replace(whole, "'hush'", "'hu'\n    'sh'", 1), "line 5 is not a setting"},
		"no JSON":            {`{"SECRET_KEY": "'hush'`, "broken off"},
		"other JSON":         {`{"SECRET_KEY": ["hush"]}`, "neither the output"},
		"JSON without reprs": {`{"SECRET_KEY": "hush"}`, "setting SECRET_KEY: column"},
		"half of JSON":       {`{"SECRET_KEY": "'hush'"}`, "the dump has no"},
		"a lazy key":         {strings.Replace(whole, "'hush'", "<SimpleLazyObject: 'hush'>", 1), "line 4, setting SECRET_KEY: the dump does not have its value"},
		"a key of a number":  {strings.Replace(whole, "'hush'", "12", 1), "line 4, setting SECRET_KEY: the dump does not have its value"},
		"a lazy fallback":    {strings.Replace(whole, "SESSION_CACHE", "SECRET_KEY_FALLBACKS = ['hush', <lazy>]\nSESSION_CACHE", 1), "setting SECRET_KEY_FALLBACKS"},
	} {
		dump, err := sitesettings.Read([]byte(tt.text))
		if err == nil {
			_, err = sitesettings.Convert(dump, sitesettings.Options{DjangoVersion: "5.2"})
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		} else if strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error quotes the key: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(dumpText(nil))
	snippet, err := json.Marshal(reprs(nil))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(snippet))
	f.Add("SESSION_ENGINE = 'a'\nCACHES = {'default': {'LOCATION': 1}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		dump, err := sitesettings.Read([]byte(text))
		if err != nil {
			return
		}
		file, err := sitesettings.Convert(dump, sitesettings.Options{DjangoVersion: "5.2"})
		if err != nil {
			return
		}
		if _, err := file.JSON(); err != nil {
			t.Error(err)
		}
		if _, err := file.Environment(); err != nil {
			t.Error(err)
		}
	})
}

// Behind a pool in transaction mode, the DSN prepares no statements.
func TestPooledDatabase(t *testing.T) {
	for disabled, want := range map[string]bool{"True": true, "False": false} {
		for engine, pgx := range map[string]bool{"postgresql": true, "mysql": false} {
			file := convert(t, map[string]string{"DATABASES": "{'default': {'ENGINE': 'django.db.backends." + engine + "', 'NAME': 'd', 'DISABLE_SERVER_SIDE_CURSORS': " + disabled + "}}"})
			if got := strings.Contains(value(t, file, "DATABASES"), "default_query_exec_mode='exec'"); got != (want && pgx) {
				t.Errorf("%s, DISABLE_SERVER_SIDE_CURSORS = %s: %v", engine, disabled, got)
			}
		}
	}
}
