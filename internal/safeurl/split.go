package safeurl

import "strings"

const schemeChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."

// parts are those of a URL as Python's urlsplit sees them. They are not
// unescaped.
type parts struct {
	scheme                        string // in lower case
	authority                     bool   // "//" begins a netloc, which may be empty
	netloc, path, query, fragment string
}

// split takes a well-formed URL apart. What precedes the first colon is a scheme
// even if it does not begin with a letter, as in Python before 3.11.
func split(url string) parts {
	var p parts
	if scheme, rest, found := strings.Cut(url, ":"); found && scheme != "" && strings.Trim(scheme, schemeChars) == "" {
		p.scheme, url = strings.ToLower(scheme), rest
	}
	if rest, found := strings.CutPrefix(url, "//"); found {
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		p.authority, p.netloc, url = true, rest[:end], rest[end:]
	}
	url, p.fragment, _ = strings.Cut(url, "#")
	p.path, p.query, _ = strings.Cut(url, "?")
	return p
}

// relative reports whether the URL names neither scheme nor host.
func (p parts) relative() bool { return p.scheme == "" && !p.authority }

// withQuery puts the URL together again, with another query and without an empty
// fragment.
func (p parts) withQuery(query string) string {
	var b strings.Builder
	if p.scheme != "" {
		b.WriteString(p.scheme + ":")
	}
	if p.authority {
		b.WriteString("//" + p.netloc)
	}
	b.WriteString(p.path + "?" + query)
	if p.fragment != "" {
		b.WriteString("#" + p.fragment)
	}
	return b.String()
}
