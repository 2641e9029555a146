package cookie

import (
	"net/http"
	"slices"
	"strings"
)

// Sets reports whether the response already sets a cookie of this name.
func Sets(h http.Header, name string) bool {
	return slices.ContainsFunc(h["Set-Cookie"], func(line string) bool { return sets(line, name) })
}

// Replace replaces the cookies of this name in h by those in the lines of another
// Set-Cookie header.
func Replace(h http.Header, lines []string, name string) {
	kept := slices.DeleteFunc(h["Set-Cookie"], func(line string) bool { return sets(line, name) })
	for _, line := range lines {
		if sets(line, name) {
			kept = append(kept, line)
		}
	}
	h["Set-Cookie"] = kept
}

func sets(line, name string) bool {
	k, _, found := strings.Cut(line, "=")
	return found && strings.TrimSpace(k) == name
}

// Vary adds Cookie to the Vary header. Django's patch_vary_headers.
func Vary(h http.Header) { VaryIn(h, new([1]string)) }

// VaryIn is Vary with room for the header's value, which h may keep.
func VaryIn(h http.Header, room *[1]string) {
	if len(h["Vary"]) == 0 {
		h["Vary"] = append(room[:0:1], "Cookie")
		return
	}
	names := make([]string, 0, 8)
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
		}
	}
	switch {
	case slices.Contains(names, "*"):
		h.Set("Vary", "*")
	case !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, "Cookie") }):
		h.Set("Vary", strings.Join(append(names, "Cookie"), ", "))
	}
}
