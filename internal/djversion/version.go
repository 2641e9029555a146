// Package djversion parses and compares Django's feature releases.
package djversion

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is a feature release of Django, such as 5.2.
type Version struct{ major, minor int }

// The releases since which something that is shared with Django is different.
var (
	V2_2   = Version{2, 2} // the oldest that is supported
	V3_0   = Version{3, 0}
	V3_1   = Version{3, 1}
	V3_2   = Version{3, 2}
	V4_0   = Version{4, 0}
	V4_1   = Version{4, 1}
	V4_2   = Version{4, 2}
	V5_0   = Version{5, 0}
	V5_1   = Version{5, 1}
	V5_2   = Version{5, 2}
	V6_0   = Version{6, 0}
	V6_1   = Version{6, 1}
	Newest = V6_1
)

// Parse parses a version such as "3.2" or "5.2.18". "" is Newest. The error does not name
// the setting.
func Parse(s string) (Version, error) {
	if s == "" {
		return Newest, nil
	}
	major, rest, _ := strings.Cut(s, ".")
	minor, _, _ := strings.Cut(rest, ".")
	x, errX := strconv.Atoi(major)
	y, errY := strconv.Atoi(minor)
	if errX != nil || errY != nil {
		return Version{}, fmt.Errorf("%q is not a Django version such as \"5.2\"", s)
	}
	v := Version{x, y}
	if v.Before(V2_2) {
		return Version{}, fmt.Errorf("%s is older than 2.2, the oldest that is supported", v)
	}
	return v, nil
}

// String returns the version as Parse reads it.
func (v Version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

// Before reports whether v is older than w.
func (v Version) Before(w Version) bool {
	return v.major < w.major || v.major == w.major && v.minor < w.minor
}
