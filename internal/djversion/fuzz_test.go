package djversion

import (
	"fmt"
	"regexp"
	"testing"
)

// FuzzParse: what is taken for a version is one that is supported, and is read
// again as itself; every number in the usual form is taken if it is not too old.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "2.2", "3.2.25", "6.1", "1.11", "5", "5.", ".2", "5.2rc1", "5.x", "10.0", "-1.2", "+5.+2", "5.2.18.final", "99999999999999999999.1"} {
		f.Add(s)
	}
	usual := regexp.MustCompile(`^([1-9][0-9]?)\.([0-9]{1,2})(\.[0-9]+)?$`)
	f.Fuzz(func(t *testing.T, s string) {
		v, err := Parse(s)
		switch parts := usual.FindStringSubmatch(s); {
		case err != nil && v != Version{}:
			t.Fatalf("%q: %v beside its error", s, v)
		case parts != nil && err != nil && (parts[1] > "2" || len(parts[1]) > 1):
			t.Fatalf("%q: %v", s, err)
		case parts != nil && err == nil && parts[1]+"."+parts[2] != fmt.Sprintf("%d.%0*d", v.major, len(parts[2]), v.minor):
			t.Fatalf("%q is read as %v", s, v)
		}
		if err != nil {
			return
		}
		if v.Before(V2_2) || v.Before(v) || s == "" && v != Newest {
			t.Fatalf("%q is read as %v", s, v)
		}
		if again, err := Parse(v.String() + ".7"); err != nil || again != v {
			t.Fatalf("%v is read again as %v, %v", v, again, err)
		}
		for _, w := range []Version{V2_2, V4_1, Newest} {
			if (v != w) != (v.Before(w) != w.Before(v)) {
				t.Fatalf("%v and %v are in no order", v, w)
			}
		}
	})
}
