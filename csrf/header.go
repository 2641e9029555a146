package csrf

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/netloc"
)

// parseHeader splits a header such as Content-Type into what precedes the first
// semicolon, in lower case, and the parameters, the last of each name. Django accepts
// much that package mime rejects: a name twice, an unquoted "=" in a value.
func parseHeader(line string, v djversion.Version) (key string, params map[string]string) {
	pieces := splitParameters(line, v)
	if v.Before(djversion.V5_2) {
		return strings.ToLower(pieces[0]), plainParameters(pieces[1:], v)
	}
	key = pieces[0]
	if len(pieces) > 1 {
		key, _, _ = strings.Cut(key, "=")
	}
	return strings.ToLower(strings.TrimSpace(key)), messageParameters(pieces[1:])
}

// splitParameters splits at the semicolons that are not in quotes. Up to 4.0 escaped
// quotes count as quotes.
func splitParameters(line string, v djversion.Version) (pieces []string) {
	escapes := !v.Before(djversion.V4_1)
	for start, i, quotes := 0, 0, 0; ; i++ {
		switch {
		case i == len(line):
			return append(pieces, strings.TrimSpace(line[start:]))
		case line[i] == '"' && !(escapes && i > start && line[i-1] == '\\'):
			quotes++
		case line[i] == ';' && quotes%2 == 0:
			pieces = append(pieces, strings.TrimSpace(line[start:i]))
			start, quotes = i+1, 0
		}
	}
}

// splitParameter returns the name, in lower case, and the value of a parameter.
func splitParameter(piece string) (name, value string, found bool) {
	name, value, found = strings.Cut(piece, "=")
	return strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value), found
}

// plainParameters reads parameters as Django does up to 5.1.
func plainParameters(pieces []string, v djversion.Version) map[string]string {
	params := map[string]string{}
	for _, piece := range pieces {
		name, value, found := splitParameter(piece)
		if !found {
			continue
		}
		name, extended := strings.CutSuffix(name, "*") // RFC 2231: charset'language'value
		decodes := extended && strings.Count(piece, "'") == 2
		if !decodes || !v.Before(djversion.V3_1) { // before 3.1 a value is decoded or unquoted, not both
			value = unquoted(value)
		}
		if decodes {
			value = netloc.Unquote(value[strings.LastIndexByte(value, '\'')+1:])
		}
		params[name] = value
	}
	return params
}

// unquoted returns a value without its quotes, if it has any.
func unquoted(value string) string {
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return value
	}
	value = strings.ReplaceAll(value[1:len(value)-1], `\\`, `\`)
	return strings.ReplaceAll(value, `\"`, `"`)
}

// continuation matches the name of an RFC 2231 parameter, "name*" or "name*0*" for
// instance.
var continuation = regexp.MustCompile(`^(\w+)\*(?:([0-9]+)\*?)?$`)

// section is a part of the value of an RFC 2231 parameter.
type section struct {
	number  int
	value   string
	encoded bool
}

// compareSections orders sections as Python does.
func compareSections(a, b section) int {
	return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.value, b.value))
}

// messageParameters reads parameters as Python's email.message, which Django uses since
// 5.2.
func messageParameters(pieces []string) map[string]string {
	params := map[string]string{}
	sections := map[string][]section{}
	for _, piece := range pieces {
		name, value, _ := splitParameter(piece)
		if inner, ok := strings.CutPrefix(value, "<"); ok && strings.HasSuffix(inner, ">") {
			value = strings.TrimSuffix(inner, ">")
		} else {
			value = unquoted(value)
		}
		if parts := continuation.FindStringSubmatch(name); parts != nil {
			number, _ := strconv.Atoi(parts[2])
			sections[parts[1]] = append(sections[parts[1]], section{number, value, strings.HasSuffix(name, "*")})
		} else if name != "" {
			params[name] = value
		}
	}
	for name, list := range sections {
		slices.SortFunc(list, compareSections)
		value, extended := "", false
		for _, s := range list {
			if s.encoded {
				s.value, extended = netloc.Unquote(s.value), true
			}
			value += s.value
		}
		if parts := strings.SplitN(value, "'", 3); extended && len(parts) == 3 { // charset'language'value
			value = parts[2]
		}
		params[name] = value
	}
	return params
}
