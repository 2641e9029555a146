package csrf

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/netloc"
)

// parseHeader splits a header such as Content-Type into what precedes the first
// semicolon, in lower case, and the parameters; of several with a name the last
// counts. package mime refuses much that each Django takes: two parameters of a
// name, an unquoted "=" in a value. Django's parse_header_parameters; up to 4.1
// parse_header.
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

// splitParameters splits at the semicolons that are not in quotes. Up to 4.0 an
// escaped quote counts as one, too.
func splitParameters(line string, v djversion.Version) (pieces []string) {
	escapes := !v.Before(djversion.V4_1)
	for start, i, quotes := 0, 0, 0; ; i++ {
		switch {
		case i == len(line):
			return append(pieces, strings.TrimSpace(line[start:]))
		case line[i] == '"' && !(escapes && i > start && line[i-1] == '\\'):
			quotes++
		case line[i] == ';' && (quotes%2 == 0 || i == start):
			pieces = append(pieces, strings.TrimSpace(line[start:i]))
			start, quotes = i+1, 0
		}
	}
}

// plainParameters reads parameters as Django up to 5.1.
func plainParameters(pieces []string, v djversion.Version) map[string]string {
	params := map[string]string{}
	for _, piece := range pieces {
		name, value, found := strings.Cut(piece, "=")
		if !found {
			continue
		}
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		name, extended := strings.CutSuffix(name, "*") // RFC 2231
		decodes := extended && strings.Count(piece, "'") == 2
		if !decodes || !v.Before(djversion.V3_1) { // before 3.1 a value is decoded or unquoted, not both
			value = unquoted(value)
		}
		if decodes {
			value = netloc.Unquote(value[strings.LastIndexByte(value, '\'')+1:]) // charset'language'value
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

// continuation is the name of a parameter by RFC 2231, "name*" or "name*0*" for
// instance.
var continuation = regexp.MustCompile(`^(\w+)\*(?:([0-9]+)\*?)?$`)

type section struct {
	number   int
	value    string
	extended bool
}

// messageParameters reads parameters as Python's email.message, to which Django
// leaves that since 5.2.
func messageParameters(pieces []string) map[string]string {
	params := map[string]string{}
	sections := map[string][]section{}
	for _, piece := range pieces {
		name, value, _ := strings.Cut(piece, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if name == "" {
			continue
		}
		if strings.HasPrefix(value, "<") && strings.HasSuffix(value, ">") {
			value = value[1 : len(value)-1]
		} else {
			value = unquoted(value)
		}
		parts := continuation.FindStringSubmatch(name)
		if parts == nil {
			params[name] = value
			continue
		}
		number, _ := strconv.Atoi(parts[2])
		sections[parts[1]] = append(sections[parts[1]], section{number, value, strings.HasSuffix(name, "*")})
	}
	for name, list := range sections {
		params[name] = join(list)
	}
	return params
}

// join returns the value that comes in sections.
func join(list []section) string {
	slices.SortStableFunc(list, func(a, b section) int { return a.number - b.number })
	var b strings.Builder
	extended := false
	for _, s := range list {
		if s.extended {
			s.value, extended = netloc.Unquote(s.value), true
		}
		b.WriteString(s.value)
	}
	value := b.String()
	if extended { // charset'language'value
		if parts := strings.SplitN(value, "'", 3); len(parts) == 3 {
			value = parts[2]
		}
	}
	return value
}
