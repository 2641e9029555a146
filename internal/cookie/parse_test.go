package cookie

import (
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestGetAsDjango: what testdata/generate.py had a real Django find. Djangos 2.2 to
// 6.1 on Python 3.8 to 3.13 agree on all of it.
func TestGetAsDjango(t *testing.T) {
	text, err := os.ReadFile("testdata/parse.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Header string
		Value  *string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 500 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		got, ok := Get(http.Header{"Cookie": {c.Header}}, "sessionid")
		switch {
		case ok != (c.Value != nil):
			t.Errorf("%q: %q, %v; Django finds one: %v", c.Header, got, ok, c.Value != nil)
		case ok && got != *c.Value:
			t.Errorf("%q: %q, Django finds %q", c.Header, got, *c.Value)
		}
	}
}

// TestGetAllocatesTheValueOnly: Get allocates at most for the value, even if the header is
// long.
func TestGetAllocatesTheValueOnly(t *testing.T) {
	for name, header := range map[string]string{
		"pairs":          strings.Repeat("a=1; ", 20_000),
		"the name":       strings.Repeat("sessionid=abc; ", 7_000),
		"quoted":         strings.Repeat(`sessionid="\101"; `, 6_000),
		"no separator":   strings.Repeat("a", 100_000),
		"spaces":         strings.Repeat(" ", 100_000) + "=",
		"semicolons":     strings.Repeat(";", 100_000),
		"equals":         strings.Repeat("=", 100_000),
		"invalid":        strings.Repeat("\xff", 100_000),
		"an open quote":  `sessionid="` + strings.Repeat(`\1`, 50_000),
		"a quoted value": `sessionid="` + strings.Repeat("a", 100_000) + `"`,
	} {
		h := http.Header{"Cookie": {header}}
		if n := testing.AllocsPerRun(5, func() { Get(h, "sessionid") }); n > 1 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// BenchmarkGet shows that the time grows with the header's length and no faster.
func BenchmarkGet(b *testing.B) {
	for _, size := range []int{1_000, 10_000, 100_000} {
		for name, piece := range map[string]string{"pairs": "a=1; ", "quoted": `sessionid="\101\102"; `, "spaces": " "} {
			h := http.Header{"Cookie": {strings.Repeat(piece, size/len(piece))}}
			b.Run(name+"/"+strconv.Itoa(size), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					Get(h, "sessionid")
				}
			})
		}
	}
}
