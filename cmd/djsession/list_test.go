package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestList(t *testing.T) {
	c := newSite(t)
	row := func(name, payload, expires string) string {
		key := fmt.Sprintf("%-32s", name)
		key = strings.ReplaceAll(key, " ", "0")
		data := payload
		if payload != "broken" {
			data = sign(t, c, payload)
		}
		c.insert(key, data, expires)
		return fmt.Sprintf("%s\t%%s\t%s\t%d\n", key, strings.ReplaceAll(expires[:19], " ", "T")+"Z", len(data))
	}
	old := row("old", `{"_auth_user_id":"1"}`, "2001-01-01 00:00:00")
	older := row("older", `{}`, "2000-01-01 00:00:00")
	one := row("one", `{"_auth_user_id":"1","_auth_user_idx":"9"}`, "2991-01-01 00:00:00")
	two := row("two", `{}`, "2992-01-01 00:00:00.25")
	three := row("three", "broken", "2993-01-01 00:00:00")
	four := row("four", `{"_auth_user_id":"a\tb\u001b[31m\n"}`, "2994-01-01 00:00:00")
	five := row("five", `{"_auth_user_id":"123e4567-e89b-12d3-a456-426614174000"}`, "2995-01-01 00:00:00")
	six := row("six", `{"_auth_user_id":"-"}`, "2996-01-01 00:00:00")

	newest := fmt.Sprintf(six, `"-"`) + fmt.Sprintf(five, "123e4567-e89b-12d3-a456-426614174000") +
		fmt.Sprintf(four, `"a\tb\u001b[31m\n"`) + fmt.Sprintf(three, "?") + fmt.Sprintf(two, "-") + fmt.Sprintf(one, "1")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"list"}, newest},
		{[]string{"list", "--limit", "0"}, newest},
		{[]string{"list", "--limit", "1"}, fmt.Sprintf(six, `"-"`)},
		{[]string{"list", "--expired"}, fmt.Sprintf(old, "1") + fmt.Sprintf(older, "-")},
		{[]string{"list", "--expired", "--limit=1"}, fmt.Sprintf(old, "1")},
	} {
		if r := c.run(test.args...); r.status != statusDone || r.stdout != test.want {
			t.Errorf("%q: status %d, prints\n%s, want\n%s", test.args, r.status, r.stdout, test.want)
		}
	}

	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(c.run("list", "--json").stdout), "\n") {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprint(l["user_id"], " ", l["expire_date"], " ", l["readable"]))
	}
	want := []string{
		"- 2996-01-01T00:00:00Z true", "123e4567-e89b-12d3-a456-426614174000 2995-01-01T00:00:00Z true",
		"a\tb\x1b[31m\n 2994-01-01T00:00:00Z true", "<nil> 2993-01-01T00:00:00Z false",
		"<nil> 2992-01-01T00:00:00.25Z true", "1 2991-01-01T00:00:00Z true",
	}
	if fmt.Sprintf("%q", lines) != fmt.Sprintf("%q", want) {
		t.Errorf("list --json: %q, want %q", lines, want)
	}
}

// What list quotes is JSON, and holds nothing that a terminal would act on.
func TestListQuotes(t *testing.T) {
	for _, text := range []string{"", "-", "?", "a\x07b", "a b\U0001F600", "\x7f", "\u009b31m", "\u2028", "\u202e", "<&>", `"`, `a"\ b`, "a\ttab", "\u00a0"} {
		quoted := plain(text)
		if quoted == text {
			if text != "<&>" {
				t.Errorf("%q is not quoted", text)
			}
			continue
		}
		var back string
		if err := json.Unmarshal([]byte(quoted), &back); err != nil || back != text {
			t.Errorf("%q is printed as %s: %v", text, quoted, err)
		}
		if strings.ContainsFunc(quoted, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q is printed as %q", text, quoted)
		}
	}
	if quoted := plain("\xff"); !json.Valid([]byte(quoted)) {
		t.Errorf("%q is not JSON", quoted)
	}
}

func TestListStopsAtTwenty(t *testing.T) {
	c := newSite(t)
	for range 25 {
		c.create("{}")
	}
	for limit, want := range map[string]int{"": 20, "--limit=0": 25, "--limit=22": 22, "--limit=100": 25} {
		var args []string
		if limit != "" {
			args = append(args, limit)
		}
		if got := strings.Count(c.list(args...), "\n"); got != want {
			t.Errorf("%q prints %d lines, want %d", args, got, want)
		}
	}
}
