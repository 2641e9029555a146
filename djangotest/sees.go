package djangotest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/serializer"
)

// Absent is the want of [Project.RequireDjangoSees] for a name that the session must not have.
var Absent any = absent{}

type absent struct{}

// RequireDjangoSees fails the test unless Django finds want under a name in a session. want
// is a Go value as for Session.Set. Types count as in Python: 1 is not 1.0, a missing name is
// not None; the order of a dict's keys does not. The test's failure lists the differences and
// leaves the session's key out.
func (p *Project) RequireDjangoSees(t testing.TB, key, name string, want any) {
	t.Helper()
	if problem := p.compare(t, p.Session(t, key), name, want); problem != "" {
		t.Fatal(problem)
	}
}

// compare returns how what Django loaded differs from want, or "".
func (p *Project) compare(t testing.TB, s Session, name string, want any) string {
	t.Helper()
	switch {
	case s.Corrupted:
		return fmt.Sprintf("djangotest: Django %s cannot verify the session's data: it was signed with another SECRET_KEY, salt or format than the site's", p.DjangoVersion)
	case !s.Found:
		return fmt.Sprintf("djangotest: Django %s finds no such session by %s: it is in another database or engine, was deleted, or has expired", p.DjangoVersion, p.Engine)
	}
	at := fmt.Sprintf("session[%q]", name)
	got, err := known(s.Values, name)
	if err != nil {
		t.Fatalf("djangotest: %s: %v", at, err)
	}
	var wanted fixtures.Value
	if want != Absent {
		value, err := serializer.Encode(want)
		if err != nil {
			t.Fatalf("djangotest: the wanted %s: %v", at, err)
		}
		if wanted, err = fixtures.ParseJSON(value.Bytes()); err != nil {
			t.Fatalf("djangotest: the wanted %s: %v", at, err)
		}
	}
	if kind, other := s.Others[name]; other {
		return fmt.Sprintf("djangotest: Django %s sees a %s in %s, want %s", p.DjangoVersion, kind, at, show(wanted))
	}
	found := differences(at, got, wanted)
	if len(found) == 0 {
		return ""
	}
	if more := len(found) - mostDifferences; more > 0 {
		found = append(found[:mostDifferences], fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("djangotest: Django %s sees another value:\n  %s", p.DjangoVersion, strings.Join(found, "\n  "))
}

// mostDifferences is how many a failure lists.
const mostDifferences = 10

// known returns the value of a name; the zero Value if it is absent.
func known(dict *serializer.Dict, name string) (fixtures.Value, error) {
	value, ok := dict.Get(name)
	if !ok {
		return fixtures.Value{}, nil
	}
	return fixtures.ParseJSON(value.Bytes())
}

// differences lists where got, which is at a place in the session, is not want. A zero Value
// is absent.
func differences(at string, got, want fixtures.Value) []string {
	var found []string
	switch {
	case got.Kind == fixtures.Dict && want.Kind == fixtures.Dict:
		for _, key := range keys(got, want) {
			found = append(found, differences(fmt.Sprintf("%s[\"%s\"]", at, key), item(got, key), item(want, key))...)
		}
	case got.Kind == fixtures.List && want.Kind == fixtures.List:
		for i := range max(len(got.Items), len(want.Items)) {
			found = append(found, differences(fmt.Sprintf("%s[%d]", at, i), nth(got.Items, i), nth(want.Items, i))...)
		}
	case !got.Equal(want):
		found = append(found, fmt.Sprintf("%s: %s, want %s", at, show(got), show(want)))
	}
	return found
}

// keys returns the keys of two dicts, as the Texts of strings.
func keys(dicts ...fixtures.Value) []string {
	all := map[string]bool{}
	for _, dict := range dicts {
		for _, pair := range dict.Pairs {
			all[pair.Key] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func item(dict fixtures.Value, key string) fixtures.Value {
	for _, pair := range dict.Pairs {
		if pair.Key == key {
			return pair.Value
		}
	}
	return fixtures.Value{}
}

func nth(items []fixtures.Value, i int) fixtures.Value {
	if i < len(items) {
		return items[i]
	}
	return fixtures.Value{}
}

// show returns the type and the value.
func show(v fixtures.Value) string {
	const most = 80
	text := v.Text
	if len(text) > most {
		text = text[:most] + "…" // ASCII
	}
	switch v.Kind {
	case "":
		return "nothing"
	case fixtures.None:
		return "None"
	case fixtures.Str:
		return `str "` + text + `"`
	case fixtures.List:
		return fmt.Sprintf("a list of %d", len(v.Items))
	case fixtures.Dict:
		return fmt.Sprintf("a dict of %d", len(v.Pairs))
	}
	return string(v.Kind) + " " + text
}
