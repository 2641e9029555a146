package django_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// fresh is a session with this data that nobody has touched.
func fresh(t *testing.T, data string) *django.Session {
	t.Helper()
	st := newSite(t, nil)
	st.put(validKey, data)
	return st.load(validKey)
}

// Each method, what it returns and whether it counts as access and change.
func TestDictMethods(t *testing.T) {
	tests := []struct {
		name               string
		do                 func(*django.Session) any
		returns            string
		after              string
		accessed, modified bool
	}{
		{"nothing", func(*django.Session) any { return nil }, "<nil>", `{"a":1,"b":"x"}`, false, false},
		{"Get", func(s *django.Session) any { _, ok := s.Get("a"); return ok }, "true", `{"a":1,"b":"x"}`, true, false},
		{"Get absent", func(s *django.Session) any { _, ok := s.Get("z"); return ok }, "false", `{"a":1,"b":"x"}`, true, false},
		{"Has", func(s *django.Session) any { return s.Has("a") }, "true", `{"a":1,"b":"x"}`, true, false},
		{"Has absent", func(s *django.Session) any { return s.Has("z") }, "false", `{"a":1,"b":"x"}`, true, false},
		{"Len", func(s *django.Session) any { return s.Len() }, "2", `{"a":1,"b":"x"}`, true, false},
		{"Set", func(s *django.Session) any { return s.Set("c", 2.0) }, "<nil>", `{"a":1,"b":"x","c":2.0}`, true, true},
		{"Set anew", func(s *django.Session) any { return s.Set("a", nil) }, "<nil>", `{"a":null,"b":"x"}`, true, true},
		{"Set as it is", func(s *django.Session) any { return s.Set("a", 1) }, "<nil>", `{"a":1,"b":"x"}`, true, true},
		{"Set empty key", func(s *django.Session) any { return s.Set("", "é\x00") }, "<nil>", `{"a":1,"b":"x","":"\u00e9\u0000"}`, true, true},
		{"Delete", func(s *django.Session) any { return s.Delete("a") }, "true", `{"b":"x"}`, true, true},
		{"Delete absent", func(s *django.Session) any { return s.Delete("z") }, "false", `{"a":1,"b":"x"}`, true, false},
		{"Pop", func(s *django.Session) any { v, err := django.Pop(s, "a", 0); return fmt.Sprint(v, err) }, "1<nil>", `{"b":"x"}`, true, true},
		{"Pop absent", func(s *django.Session) any { v, err := django.Pop(s, "z", 7); return fmt.Sprint(v, err) }, "7<nil>", `{"a":1,"b":"x"}`, true, false},
		{"SetDefault", func(s *django.Session) any { v, err := django.SetDefault(s, "c", 3); return fmt.Sprint(v, err) }, "3 <nil>", `{"a":1,"b":"x","c":3}`, true, true},
		{"SetDefault there", func(s *django.Session) any { v, err := django.SetDefault(s, "a", 3); return fmt.Sprint(v, err) }, "1 <nil>", `{"a":1,"b":"x"}`, true, false},
		{"SetAll", func(s *django.Session) any { return s.SetAll(inOrder("z", "c", "a")) }, "<nil>", `{"a":3,"b":"x","z":1,"c":2}`, true, true},
		{"SetAll of nothing", func(s *django.Session) any { return s.SetAll(inOrder()) }, "<nil>", `{"a":1,"b":"x"}`, true, true},
		{"Clear", func(s *django.Session) any { s.Clear(); return s.IsEmpty() }, "false", `{}`, true, true},
		{"MarkModified", func(s *django.Session) any { s.MarkModified(); return nil }, "<nil>", `{"a":1,"b":"x"}`, true, true},
		{"CycleKey", func(s *django.Session) any { s.CycleKey(); return nil }, "<nil>", `{"a":1,"b":"x"}`, true, true},
		{"IsEmpty", func(s *django.Session) any { return s.IsEmpty() }, "false", `{"a":1,"b":"x"}`, false, false},
		{"Key", func(s *django.Session) any { return len(s.Key()) }, "32", `{"a":1,"b":"x"}`, false, false},
		{"Keys", func(s *django.Session) any { return slices.Collect(s.Keys()) }, "[a b]", `{"a":1,"b":"x"}`, true, false},
		{"Items", func(s *django.Session) any { return len(maps.Collect(s.Items())) }, "2", `{"a":1,"b":"x"}`, true, false},
		{"Values", func(s *django.Session) any { return len(slices.Collect(s.Values())) }, "2", `{"a":1,"b":"x"}`, true, false},
		{"SetTestCookie", func(s *django.Session) any { s.SetTestCookie(); return s.TestCookieWorked() }, "true", `{"a":1,"b":"x","testcookie":"worked"}`, true, true},
		{"TestCookieWorked", func(s *django.Session) any { return s.TestCookieWorked() }, "false", `{"a":1,"b":"x"}`, true, false},
		{"DeleteTestCookie", func(s *django.Session) any { s.DeleteTestCookie(); return nil }, "<nil>", `{"a":1,"b":"x"}`, true, false},
		{"ResetExpiry", func(s *django.Session) any { s.ResetExpiry(); return nil }, "<nil>", `{"a":1,"b":"x"}`, true, false},
		{"ExpiryAge", func(s *django.Session) any { age, err := s.ExpiryAge(); return fmt.Sprint(age, err) }, "336h0m0s<nil>", `{"a":1,"b":"x"}`, true, false},
		{"ExpireAtBrowserClose", func(s *django.Session) any { return s.ExpireAtBrowserClose() }, "false", `{"a":1,"b":"x"}`, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := fresh(t, `{"a":1,"b":"x"}`)
			got := fmt.Sprint(tt.do(s))
			check(t, "what it returned", strings.ReplaceAll(got, " ", ""), strings.ReplaceAll(tt.returns, " ", ""))
			check(t, "Accessed", s.Accessed(), tt.accessed)
			check(t, "Modified", s.Modified(), tt.modified)
			check(t, "the session", jsonOf(t, s), tt.after)
		})
	}
}

// inOrder is the keys with 1, 2, 3 and so on as their values.
func inOrder(keys ...string) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for i, key := range keys {
			if !yield(key, i+1) {
				return
			}
		}
	}
}

// A key keeps its place when set anew and goes to the end when deleted before.
func TestDictOrder(t *testing.T) {
	s := fresh(t, `{"c":1,"a":2,"b":3}`)
	must(t, s.Set("c", 4))
	check(t, "the order", fmt.Sprint(slices.Collect(s.Keys())), "[c a b]")
	s.Delete("c")
	must(t, s.Set("c", 5))
	check(t, "the order", fmt.Sprint(slices.Collect(s.Keys())), "[a b c]")
	must(t, s.SetAll(inOrder("z", "y", "a")))
	check(t, "the order", fmt.Sprint(slices.Collect(s.Keys())), "[a b c z y]")
}

// A loop goes over what was there when it began, whatever it changes.
func TestChangesWhileIterating(t *testing.T) {
	s := fresh(t, `{"a":1,"b":2,"c":3}`)
	items := s.Items()
	var seen []string
	for k, v := range items {
		seen = append(seen, k+string(v.Bytes()))
		s.Clear()
		must(t, s.Set("new"+k, 1))
	}
	check(t, "what was seen", fmt.Sprint(seen), "[a1 b2 c3]")
	check(t, "what is left", jsonOf(t, s), `{"newc":1}`)
	for range items {
		seen = nil // a second loop starts anew
	}
	check(t, "what the second loop saw", len(seen), 0)
	for range s.Keys() {
		break
	}
	for range s.Values() {
		break
	}
}

// A value that cannot be set leaves everything as it was, and the error names
// the key and not the value.
func TestSetErrors(t *testing.T) {
	type node struct {
		Secret string
		Next   *node
	}
	cyclic := &node{Secret: "hidden"}
	cyclic.Next = cyclic
	var deep any = "hidden"
	for range 501 {
		deep = []any{deep}
	}
	selfmap := map[string]any{"hidden": 1}
	selfmap["me"] = selfmap
	values := map[string]any{
		"func": func() {}, "chan": make(chan int), "complex": complex(1, 2), "cyclic": cyclic, "deep": deep, "map": selfmap,
		"digits":  new(big.Int).Exp(big.NewInt(10), big.NewInt(4300), nil),
		"number":  json.Number("hidden"),
		"raw":     json.RawMessage(`{"hidden"`),
		"utf8":    "hidden\xff",
		"inside":  map[string]any{"hidden": make(chan int)},
		"mapkey":  map[float64]int{1.5: 1},
		"marshal": failing{"hidden"},
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			s := fresh(t, `{"a":1}`)
			_, errDefault := django.SetDefault(s, "thekey", v)
			for _, err := range []error{
				s.Set("thekey", v), errDefault,
				s.SetAll(maps.All(map[string]any{"a": 2, "thekey": v, "zz": 3})),
			} {
				var valueError *serializer.ValueError
				if !errors.As(err, &valueError) {
					t.Fatalf("the error is %v", err)
				}
				if !strings.Contains(err.Error(), `"thekey"`) || strings.Contains(err.Error(), "hidden") {
					t.Errorf("the error is %v", err)
				}
			}
			check(t, "Modified", s.Modified(), false)
			check(t, "the session", jsonOf(t, s), `{"a":1}`)
		})
	}
	s := fresh(t, `{"a":1}`)
	if err := s.Set("key\xff", 1); err == nil {
		t.Error("a key that is not UTF-8 was taken")
	}
	check(t, "Modified", s.Modified(), false)
	digits := new(big.Int).Sub(new(big.Int).Exp(big.NewInt(10), big.NewInt(4300), nil), big.NewInt(1))
	must(t, s.Set("4300 digits", digits))
	must(t, s.Set("nan", math.NaN()))
}

type failing struct{ secret string }

func (f failing) MarshalJSON() ([]byte, error) { return nil, errors.New("cannot marshal " + f.secret) }
