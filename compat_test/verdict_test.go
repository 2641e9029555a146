package compat

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/internal/testenv/typed"
	"github.com/djsession/djsession/serializer"
)

// TestVerdicts has Django and Go read the same texts: random ones, and valid ones of each
// side, half of them damaged after signing and half before it, so that the signature is
// valid. Both must find the same texts valid, with the same values. DJSESSION_TEXTS is the
// number of texts for each Django; unless it is set, the newest gets the most.
func TestVerdicts(t *testing.T) {
	all := testenv.Djangos(t)
	for _, version := range all {
		n := times(400, 100)
		switch version.Name {
		case testenv.NewestDjango(t).Name:
			n = times(5000, 400)
		case all[0].Name:
			n = times(1000, 200)
		}
		if wanted := os.Getenv("DJSESSION_TEXTS"); wanted != "" {
			var err error
			if n, err = strconv.Atoi(wanted); err != nil || n <= 0 {
				t.Fatal("DJSESSION_TEXTS must be a number of texts")
			}
		}
		variants := []struct {
			name   string
			extra  map[string]any
			change func(*django.Settings)
		}{{version.Name, nil, nil}}
		if version.Name == "3.2" {
			variants = append(variants, variants[0])
			variants[1].name = "3.2 with sha1"
			variants[1].extra = map[string]any{"DEFAULT_HASHING_ALGORITHM": "sha1"}
			variants[1].change = func(s *django.Settings) { s.SessionFormat = django.FormatPre31 }
		}
		for _, v := range variants {
			t.Run(v.name, func(t *testing.T) {
				t.Parallel()
				compareVerdicts(t, newCell(t, version, testenv.SQLite(t), v.extra, v.change), n)
			})
		}
	}
}

// compareVerdicts works in batches, each with its own valid texts, so that memory stays
// bounded.
func compareVerdicts(t *testing.T, c *cell, n int) {
	const batch = 5000
	var exact, modern bool
	total, disagree := 0, 0
	counts, kinds := map[string]int{}, map[string]int{}
	for done := 0; done < n; done += batch {
		d := newDamager(t, c, c.seed()+done)
		modern = d.modern
		exact = modern && c.django.AtLeast(4, 0)
		texts := d.texts(t, min(batch, n-done))
		total += len(texts)
		for i, v := range testenv.Ask[[]testenv.Verdict](t, c.worker, "decode_many", testenv.Args{"texts": texts}) {
			counts[v.Verdict]++
			dict, err := c.sessions.Codec().Decode(t.Context(), texts[i])
			kind, problem := compareVerdict(t, exact, v, dict, err)
			if kind != "" {
				kinds[kind]++
			}
			if problem != "" {
				if disagree++; disagree <= 5 {
					t.Errorf("text %d: %s\n%.200q", done+i, problem, texts[i])
				}
			}
		}
	}
	t.Logf("%d texts, %d disagreements; Django says %v; differences by kind %v", total, disagree, counts, kinds)
	for _, verdict := range []string{fixtures.OK, fixtures.BadSignature} {
		if counts[verdict] == 0 {
			t.Errorf("no text was %q: nothing was compared", verdict)
		}
	}
	if modern && counts[fixtures.Unreadable]+counts[fixtures.Raises] == 0 {
		t.Error("no text was signed but unreadable: nothing was compared")
	}
}

// compareVerdict returns the kind of a difference between Go and Django, if there is one, and
// the problem, unless the difference is intended.
func compareVerdict(t *testing.T, exact bool, v testenv.Verdict, dict *serializer.Dict, err error) (kind, problem string) {
	t.Helper()
	var want error
	switch v.Verdict {
	case fixtures.OK:
		if err != nil {
			return "Go refuses", fmt.Sprintf("Django reads it, Go says %v", err)
		}
		if got := typed.Dict(t, dict); !got.Equal(v.Value) {
			return "another value", fmt.Sprintf("Django reads %.300s, Go %.300s", v.Value, got)
		}
		return "", ""
	case fixtures.BadSignature:
		want = django.ErrCorrupt
	case fixtures.Unreadable, fixtures.Raises, fixtures.NotADict:
		want = django.ErrUnreadable
	}
	if errors.Is(err, want) {
		return "", ""
	}
	// 2.2 and 3.2 try the older format for a text that they cannot read. They raise an
	// exception on invalid base64 and do not report a missing separator.
	if !exact && (errors.Is(err, django.ErrCorrupt) || errors.Is(err, django.ErrUnreadable)) {
		return fmt.Sprintf("both reject, Django %s (%s) and Go another way", v.Verdict, v.Exception), ""
	}
	return "Go accepts", fmt.Sprintf("Django says %s (%s), Go %v", v.Verdict, v.Exception, err)
}

// TestBounds tests the documented differences: Go leaves values unchanged that exceed
// Python's limits, and rejects sessions that exceed its own.
func TestBounds(t *testing.T) {
	c := newCell(t, testenv.NewestDjango(t), testenv.SQLite(t), nil, nil)
	signed := func(payload string) string {
		text, err := c.sessions.Codec().Sign(t.Context(), []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	digits, nesting := strings.Repeat("9", 4301), strings.Repeat("[", 200000)+strings.Repeat("]", 200000)
	for name, b := range map[string]struct {
		text       string
		django, ok bool
	}{
		"4,300 digits":   {signed(`{"a":` + digits[:4300] + `}`), true, true},
		"4,301 digits":   {signed(`{"a":` + digits + `}`), false, true},
		"500 levels":     {signed(`{"a":` + nesting[200000-499:200000+499] + `}`), true, true},
		"200,000 levels": {signed(`{"a":` + nesting + `}`), false, false},
		"4 MiB":          {signed(`{"a":"` + strings.Repeat("a", 4<<20-8) + `"}`), true, true},
		"over 4 MiB":     {signed(`{"a":"` + strings.Repeat("a", 4<<20) + `"}`), true, false},
	} {
		v := testenv.Ask[testenv.Verdict](t, c.worker, "decode", testenv.Args{"text": b.text})
		if ok := v.Verdict == fixtures.OK; ok != b.django {
			t.Errorf("%s: Django says %s", name, v.Verdict)
		}
		if _, err := c.sessions.Codec().Decode(t.Context(), b.text); (err == nil) != b.ok {
			t.Errorf("%s: Go says %v", name, err)
		}
	}
	s := c.sessions.NewSession()
	for name, value := range map[string]any{"digits": []byte(digits), "nesting": []byte(nesting[200000-501 : 200000+501])} {
		if err := s.Set("a", rawJSON(value.([]byte))); err == nil || s.Len() != 0 {
			t.Errorf("%s: Set takes what Django could not read back", name)
		}
	}
}

type rawJSON []byte

func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }
