package sqldb

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

const secretText = "eyJfYXV0aF91c2VyX2lkIjoiNyIsImNhcnQiOlsxLDJdfQ:1vNqZk:Kx0o-s9_1aTnJqQ2yqJm3Zk8uHcVtB7wXgLr5dEiFpM"

func TestQuotes(t *testing.T) {
	const key = "abcdefghijklmnopqrstuvwxyz012345"
	for text, secrets := range map[string][]string{
		"Key (session_key)=(" + key + ") already exists":                              {key},
		`BindVars: {v1: "type:VARCHAR value:\"` + secretText[:40] + `..."}`:           {secretText},
		"near '" + secretText[30:44] + "'":                                            {secretText},
		"near '" + strings.ToUpper(key[4:20]) + "'":                                   {key},
		"cut off in " + key[:8]:                                                       {"other", key},
		"cut off " + key[24:] + " in front":                                           {key},
		`\x` + hex.EncodeToString([]byte(secretText))[:48]:                            {secretText},
		"0x" + strings.ToUpper(hex.EncodeToString([]byte(secretText[9:25]))):          {secretText},
		"x'f" + hex.EncodeToString([]byte(secretText[9:25])) + "'":                    {secretText},
		fmt.Sprintf("unable to encode %#v", []byte(secretText[:12])):                  {secretText},
		fmt.Sprintf("unable to encode %v", []byte(secretText[5:20])):                  {secretText},
		fmt.Sprintf("value %q", "o'brien\"of\\the\nwest"):                             {"o'brien\"of\\the\nwest"},
		"value 'o''brien of the west'":                                                {"o'brien of the west"},
		"value " + url.QueryEscape("ann of the west+52"):                              {"ann of the west+52"},
		`\145\171\112\146\131\130\126\060\141\106`:                                    {secretText},
		`\u0065\u0079\u004a\u0066\u0059\u0058\u0056\u0030`:                            {secretText},
		"Duplicate entry 'anna' for key 'username'":                                   {"anna"},
		"Key (username)=(ünï) already exists":                                         {"ünï"},
		"no '3f2a-11' here":                                                           {"3f2a-11"},
		`Key (user_id)=(5432) is not present in table "auth_user".`:                   {"5432"},
		"Table 'a.b' doesn't like 'anna'":                                             {"anna"},
		`invalid input syntax for type integer: "anna"`:                               {"anna"},
		"user 220022 is locked":                                                       {"220022"},
		"near 'anna":                                                                  {"anna"},
		"unable to encode 54321 into binary format for uuid (OID 2950)":               {"54321"},
		`bad "\u0418\u0432\u0430\u043d \u041f\u0435\u0442\u0440\u043e\u0432"`:         {"Иван Петров"},
		`bad "\u00fcn\u00ef"`:                                                         {"ünï"},
		fmt.Sprintf("value % x", secretText[9:25]):                                    {secretText},
		"value " + base64.StdEncoding.EncodeToString([]byte(secretText[:20])):         {secretText},
		"value '" + base64.RawURLEncoding.EncodeToString([]byte("Иван Петров")) + "'": {"Иван Петров"},
		strings.Repeat("x", 100<<10):                                                  {key},
		"ERROR: value \"" + strings.ReplaceAll(secretText[:16], "Y", "Y\n") + "\" is": {secretText},
	} {
		if !Quotes(errors.New(text), secrets...) {
			t.Errorf("%.80q is not withheld", text)
		}
	}
	for text, secrets := range map[string][]string{
		"Error 7 (HY000): 7 rows": {"7", "", "42", "007"},
		"database is locked":      {key, secretText, "7"},
		`duplicate key value violates unique constraint "one_account"`: {key, secretText, "true", "1000"},
		"relation \"django_session\" does not exist (SQLSTATE 42P01)":  {key, secretText, "42P0"},
		"cut off in " + key[:7]: {key},
		"banana":                {"anna", "nana"},
		"port 54321":            {"5432"},
		"dial tcp 127.0.0.1:5432: connect: connection refused":                                                {"5432", "127.0.0.1:5432"},
		"failed to connect to `user=app database=site`: db.example.com:5432: dial tcp 10.0.0.1:5432: refused": {"5432", "site"},
		"dial tcp: lookup shop.example.com: no such host":                                                     {"shop.example.com", "shop"},
		"Error 1213 (40001): Deadlock found when trying to get lock":                                          {"1213", "40001", "lock"},
		`ERROR: relation "django_session" does not exist (SQLSTATE 42501)`:                                    {"django", "session", "42501", "exist"},
		"ERROR: permission denied for table django_session (SQLSTATE 42501)":                                  {"django", "session", "42501"},
		`ERROR: null value in column "email" of relation "x" violates not-null constraint`:                    {"email"},
		"Error 1146 (42S02): Table 'site.django_session' doesn't exist":                                       {"site", "1146", "session"},
		"context deadline exceeded: Error 1205 (HY000): Lock wait timeout exceeded":                           {"context deadline", "1205"},
		"Duplicate entry 'anna_b' for key 'username'":                                                         {"anna"},
		"dial tcp 127.0.0.1:5432: connect: connection refused (1234567890123)":                                {key, secretText, "27.0"},
	} {
		if Quotes(errors.New(text), secrets...) {
			t.Errorf("%q is withheld for %q", text, secrets)
		}
	}
}

// TestQuotesEveryPiece: wherever a secret is cut, eight of its letters are enough.
func TestQuotesEveryPiece(t *testing.T) {
	for from := range len(secretText) - 12 {
		for name, form := range map[string]string{
			"plain": secretText[from : from+12], "quoted": strconv.Quote(secretText[from : from+12]),
			"hexadecimal": hex.EncodeToString([]byte(secretText[from : from+12])),
			"bytes":       fmt.Sprint([]byte(secretText[from : from+12])),
		} {
			if !Quotes(errors.New("syntax error at: "+form+"; of it"), secretText) {
				t.Errorf("%s piece at %d is not withheld", name, from)
			}
		}
	}
}

// TestQuotesCost: the work grows with the texts, not with their product.
func TestQuotesCost(t *testing.T) {
	for name, c := range map[string]struct{ text, secret string }{
		"long secret":       {"database is locked", strings.Repeat(secretText, 4<<20/len(secretText))},
		"one letter":        {strings.Repeat("a", 60<<10), strings.Repeat("b", 4<<20)},
		"almost the secret": {strings.Repeat("aaaaaaab", 8<<10), strings.Repeat("aaaaaaac", 4<<17)},
		"no letters":        {strings.Repeat("-", 60<<10), strings.Repeat("-", 4<<20)},
		"short word":        {strings.Repeat("aa", 30<<10), "aaaa"},
		"hexadecimal":       {strings.Repeat("61", 30<<10), strings.Repeat("b", 4<<20)},
		"bytes":             {strings.Repeat("97 ", 20<<10), strings.Repeat("b", 4<<20)},
		"long message":      {strings.Repeat("a", 4<<20), strings.Repeat("b", 4<<20)},
	} {
		start := time.Now()
		quotes := Quotes(errors.New(c.text), c.secret)
		t.Logf("%s: %t after %v", name, quotes, time.Since(start))
		if quotes != (name == "long message") {
			t.Errorf("%s: withheld: %t", name, quotes)
		}
	}
}
