package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
)

// hashTemplate is a text with columns of the user, as in Python's f-strings:
// "{password}:{auth_version}".
type hashTemplate []hashPart

// hashPart is a text, or a column if that has a name.
type hashPart struct{ text, column string }

// parseHashTemplate reads a template. "{{" and "}}" are braces.
func parseHashTemplate(text string) (hashTemplate, error) {
	var template hashTemplate
	for text != "" {
		i := strings.IndexAny(text, "{}")
		switch {
		case i < 0:
			return append(template, hashPart{text: text}), nil
		case strings.HasPrefix(text[i:], "{{"), strings.HasPrefix(text[i:], "}}"):
			template = append(template, hashPart{text: text[:i+1]})
			text = text[i+2:]
			continue
		case text[i] == '}':
			return nil, errors.New("there is a } without a { before it")
		}
		template = append(template, hashPart{text: text[:i]})
		column, rest, closed := strings.Cut(text[i+1:], "}")
		if !closed || column == "" || strings.ContainsAny(column, "{:!.[ ") {
			return nil, errors.New("there must be only the name of a column between { and }")
		}
		template = append(template, hashPart{column: column})
		text = rest
	}
	return template, nil
}

// columns returns the columns in a template.
func (t hashTemplate) columns() (names []string) {
	for _, part := range t {
		if part.column != "" {
			names = append(names, part.column)
		}
	}
	return names
}

// render returns the text with the columns of a user.
func (t hashTemplate) render(u auth.User, c usertable.Columns) (string, error) {
	var b strings.Builder
	for _, part := range t {
		switch part.column {
		case "":
			b.WriteString(part.text)
		case c.Password:
			b.WriteString(u.Password)
		case c.Username:
			b.WriteString(u.Username)
		default:
			value, err := auth.Column[any](u, part.column)
			if err != nil {
				return "", err
			}
			text, err := pythonStr(part.column, value)
			if err != nil {
				return "", err
			}
			b.WriteString(text)
		}
	}
	return b.String(), nil
}

// pythonStr returns Python's str of a column's value.
func pythonStr(column string, value any) (string, error) {
	switch value := value.(type) {
	case nil:
		return "None", nil
	case string:
		return value, nil
	case []byte:
		return string(value), nil
	case int64:
		return strconv.FormatInt(value, 10), nil
	case bool:
		if value {
			return "True", nil
		}
		return "False", nil
	}
	return "", fmt.Errorf("column %q in %s is neither text nor an integer", column, where("auth-hash-value"))
}

// sessionAuthHash returns the option for the user model's own get_session_auth_hash, and
// the columns that it needs. The option is nil if the model uses Django's.
func (in inputs) sessionAuthHash(c usertable.Columns) (auth.Option, []string, error) {
	salt, salted := in.get("auth-hash-salt")
	value, valued := in.get("auth-hash-value")
	algorithm, err := in.choice("auth-hash-algorithm")
	if err != nil || !salted && !valued && algorithm == "" {
		return nil, nil, err
	}
	if !salted {
		salt = auth.SessionAuthHashSalt
	}
	template := hashTemplate{{column: c.Password}}
	if valued {
		if template, err = parseHashTemplate(value); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", where("auth-hash-value"), err)
		}
	}
	digests := map[string]func(auth.HMAC, string, string) string{"": auth.HMAC.Salted, "sha256": auth.HMAC.SaltedSHA256, "sha1": auth.HMAC.SaltedSHA1}
	return auth.WithSessionAuthHash(func(u auth.User, m auth.HMAC) (string, error) {
		text, err := template.render(u, c)
		return digests[algorithm](m, salt, text), err
	}), template.columns(), nil
}
