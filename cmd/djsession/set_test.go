package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestSet: all that is not set stays as it was, byte for byte and in its place.
func TestSet(t *testing.T) {
	c := newSite(t)
	for _, test := range []struct{ name, value, want string }{
		{"new", `"x"`, oddities[:len(oddities)-1] + `,"new":"x"}`},
		{"f", `2.50`, strings.Replace(oddities, `"f":1.0`, `"f":2.50`, 1)},
		{"", ` [ {"é" : "ü"} ] `, strings.Replace(oddities, `"":[]`, `"":[{"\u00e9":"\u00fc"}]`, 1)},
		{"é", `{}`, oddities[:len(oddities)-1] + `,"\u00e9":{}}`},
		{"n", `-5`, oddities[:len(oddities)-1] + `,"n":-5}`},
		{"n", `-1.5e-7`, oddities[:len(oddities)-1] + `,"n":-1.5e-7}`},
		{"n", `-Infinity`, oddities[:len(oddities)-1] + `,"n":-Infinity}`},
		{"-5", `-6`, oddities[:len(oddities)-1] + `,"-5":-6}`},
		{"a", `null`, oddities},
	} {
		key := c.create(oddities)
		if out := c.ok("set", key, test.name, test.value); out != "" {
			t.Errorf("set prints %q", out)
		}
		if got := c.ok("show", key); got != test.want+"\n" {
			t.Errorf("%s set to %s: %s, want %s", test.name, test.value, got, test.want)
		}
	}
	key := c.create("{}")
	c.ok("set", key, "--table=django_session", "--", "--name", "1")
	c.ok("set", key, "m", "-1", "--table", "django_session")
	c.ok("--table", "django_session", "set", key, "n", "-2", "--engine=db")
	if got := c.ok("show", key); got != `{"--name":1,"m":-1,"n":-2}`+"\n" {
		t.Errorf("got %s", got)
	}
}

func TestUnset(t *testing.T) {
	c := newSite(t)
	key := c.create(oddities)
	c.ok("unset", key, "nan")
	c.ok("unset", key, "")
	want := strings.Replace(strings.Replace(oddities, `"nan":NaN,`, "", 1), `,"":[]`, "", 1)
	if got := c.ok("show", key); got != want+"\n" {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSetInParallel has a hundred writers set a name each in one session.
func TestSetInParallel(t *testing.T) {
	c := newSite(t)
	c = c.with("DATABASE_URL", c.env["DATABASE_URL"]+"?timeout=600") // a busy machine may take longer than the default
	key := c.create(oddities)
	var writers sync.WaitGroup
	for i := range 100 {
		writers.Go(func() {
			if r := c.run("set", key, fmt.Sprintf("name %d", i), fmt.Sprint(i)); r.status != 0 {
				t.Errorf("writer %d: %+v", i, r)
			}
		})
	}
	writers.Wait()
	var names map[string]json.RawMessage
	text := c.ok("show", key)
	rest, found := strings.CutPrefix(text, oddities[:len(oddities)-1]+",")
	if !found {
		t.Fatalf("the session is %s", text)
	}
	if err := json.Unmarshal([]byte("{"+rest), &names); err != nil {
		t.Fatal(err)
	}
	if len(names) != 100 {
		t.Errorf("%d of 100 names are there", len(names))
	}
	for i := range 100 {
		if got := string(names[fmt.Sprintf("name %d", i)]); got != fmt.Sprint(i) {
			t.Errorf("name %d is %q", i, got)
		}
	}
}

// TestSetMeetsRubbish has another writer spoil the row between load and save:
// that must end in an answer, not in a session with one value.
func TestSetMeetsRubbish(t *testing.T) {
	c := newSite(t)
	key := c.create(oddities)
	c.exec(`CREATE TRIGGER spoil BEFORE UPDATE ON django_session WHEN old.session_data <> 'rubbish' BEGIN
		UPDATE django_session SET session_data = 'rubbish' WHERE session_key = old.session_key; SELECT RAISE(IGNORE); END`)
	c.run("set", key, "a", "1").check(t, 1, "", "cannot be read")
	if got := c.data(key); got != "rubbish" {
		t.Errorf("the row is %q", got)
	}
}
