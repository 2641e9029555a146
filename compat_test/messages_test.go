package compat

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// TestMessages visits the same random pages three times: all of them with Django, all with
// Go, and each with one of the two by chance. What a page shows does not depend on the side.
func TestMessages(t *testing.T) {
	for _, version := range testenv.Djangos(t) {
		t.Run(version.Name, func(t *testing.T) {
			t.Parallel()
			cached := t.TempDir()
			c := newCell(t, version, testenv.SQLite(t), map[string]any{"CACHES": map[string]any{"default": map[string]any{
				"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": cached}}}, nil)
			c.stop(t)
			for i, s := range messageSites {
				if within(version, since{}, s.last) {
					t.Run(s.name, func(t *testing.T) { c.visitPages(t, s, cached, uint64(i)) })
				}
			}
		})
	}
}

func (c *cell) visitPages(t *testing.T, s messageSite, cached string, seed uint64) {
	random := rand.New(rand.NewPCG(uint64(c.seed()), seed))
	theirs, ours := c.djangoMessages(s), c.goMessages(t, s, cached)
	either := func(t *testing.T, cookie string, program []messageStep, status int) pageVisit {
		if random.IntN(2) == 0 {
			return theirs(t, cookie, program, status)
		}
		return ours(t, cookie, program, status)
	}
	sides := []messageServer{theirs, ours, either}
	browsers := []messageBrowser{{}, {}, {}}
	shown := 0
	for page := range times(300, 60) {
		program, status := randomPage(random, s, page)
		var got [3]pageVisit
		for i, side := range sides {
			got[i] = side(t, browsers[i].header(), program, status)
			if got[i].Shown == nil {
				got[i].Shown = [][][5]any{}
			}
		}
		for i, name := range []string{"", "Go", "both"} {
			if got[i].Status != got[0].Status || !reflect.DeepEqual(got[i].Shown, got[0].Shown) {
				t.Fatalf("page %d, %.300v:\nDjango answers %d and shows %.1000v\n%s answer %d and show %.1000v", page, program, got[0].Status, got[0].Shown, name, got[i].Status, got[i].Shown)
			}
		}
		if a, b := messageCookie(browsers[0], got[0]), messageCookie(browsers[1], got[1]); a != b {
			t.Fatalf("page %d, %.300v:\nDjango sets %s\nGo     sets %s", page, program, a, b)
		}
		for i, b := range browsers {
			b.keep(got[i])
		}
		for _, list := range got[0].Shown {
			shown += len(list)
		}
	}
	if shown < 20 {
		t.Errorf("only %d messages were shown", shown)
	}
}

// messageCookie returns what a side sets. The compressed values of the two differ, and
// Django deletes a cookie that is not there.
func messageCookie(b messageBrowser, v pageVisit) string {
	for _, line := range v.Header("Set-Cookie") {
		pair, attributes, _ := strings.Cut(line, "; ")
		name, value, _ := strings.Cut(pair, "=")
		if name != "messages" || b[name] == "" && strings.Contains(attributes, "Max-Age=0") {
			continue
		}
		if strings.HasPrefix(value, ".") {
			value = "compressed"
		}
		return value + "; " + attributes
	}
	return ""
}

func randomPage(random *rand.Rand, s messageSite, page int) (program []messageStep, status int) {
	levels := []int{10, 20, 25, 30, 40, 50}
	texts := []string{"Hello", "<b>&amp;</b>", "é€\U0001f375", `"'\`, "a,b;c=d", "line\nfeed", "$:."}
	for range random.IntN(4) {
		switch n := random.IntN(10); {
		case n < 5:
			text := fmt.Sprint(page, " ", texts[random.IntN(len(texts))])
			if s.big && random.IntN(2) == 0 {
				text += noise(random, 300+random.IntN(600))
			}
			program = append(program, messageStep{"add", levels[random.IntN(len(levels))], text, []string{"", "", "sticky", "a é"}[random.IntN(4)], random.IntN(3) == 0})
		case n < 8:
			program = append(program, messageStep{"get"})
		case n < 9:
			program = append(program, messageStep{"keep"})
		default:
			program = append(program, messageStep{"level", levels[random.IntN(len(levels))]})
		}
	}
	if page%7 == 6 { // the cookie alone holds not too many
		program = []messageStep{{"get"}}
	}
	status = []int{200, 302, 404}[random.IntN(3)]
	if s.failed && random.IntN(8) == 0 {
		status = 500
	}
	return program, status
}

// noise returns n characters that cannot be compressed well.
func noise(random *rand.Rand, n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte('!' + random.IntN('~'-'!'))
	}
	return string(text)
}
