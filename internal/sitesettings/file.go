package sitesettings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// FormatKey is the first key of the file, and FormatVersion its value.
const (
	FormatKey     = "DJSESSION_SETTINGS"
	FormatVersion = 1
)

// Entry is a setting of a [File].
type Entry struct {
	Name  string
	Value any // as encoding/json writes it
	// Secret: the value holds a key or may hold a password.
	Secret bool
	// Public is what of a secret value is not secret, or nil.
	Public any
}

// Omission is something that cannot be carried over.
type Omission struct {
	Setting string `json:"SETTING"`
	Why     string `json:"WHY"`
	Kind    Kind   `json:"KIND,omitempty"`
}

// Kind tells an [Omission] apart that means more than that a setting is not carried over.
type Kind string

// The kinds of omissions.
const (
	KindLocalCache    Kind = "local-cache"    // the cache is in the memory of Django's process
	KindIgnoredErrors Kind = "ignored-errors" // a cache that is down is empty to Django
	KindValidators    Kind = "validators"     // which every project of startproject has
)

// File is a settings file.
type File struct {
	Entries []Entry
	Omitted []Omission
	// NotInDump are the names of the entries that the dump does not have.
	NotInDump []string
}

func (f *File) add(name string, value any) {
	f.Entries = append(f.Entries, Entry{Name: name, Value: value})
}

// addSecret adds an entry of which only public, unless it is nil, may be seen.
func (f *File) addSecret(name string, value, public any) {
	f.Entries = append(f.Entries, Entry{Name: name, Value: value, Secret: true, Public: public})
}

func (f *File) omit(setting, format string, args ...any) {
	f.omitKind("", setting, fmt.Sprintf(format, args...))
}

func (f *File) omitKind(kind Kind, setting, why string) {
	f.Omitted = append(f.Omitted, Omission{setting, why, kind})
}

// get returns the value of an entry, nil without one.
func (f *File) get(name string) any {
	for _, e := range f.Entries {
		if e.Name == name {
			return e.Value
		}
	}
	return nil
}

// WithoutSecrets returns the file without what is secret.
func (f File) WithoutSecrets() File {
	var kept []Entry
	for _, e := range f.Entries {
		switch {
		case !e.Secret:
			kept = append(kept, e)
		case e.Public != nil:
			kept = append(kept, Entry{Name: e.Name, Value: e.Public})
		}
	}
	f.Entries = kept
	return f
}

// JSON returns the file's content.
func (f File) JSON() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n  %q: %d", FormatKey, FormatVersion)
	entries := f.Entries
	if len(f.Omitted) > 0 {
		entries = append(entries[:len(entries):len(entries)], Entry{Name: "OMITTED", Value: f.Omitted})
	}
	for _, e := range entries {
		value, err := marshal(e.Value, "  ")
		if err != nil {
			return nil, fmt.Errorf("setting %s: %w", e.Name, err)
		}
		fmt.Fprintf(&b, ",\n  %q: %s", e.Name, value)
	}
	b.WriteString("\n}\n")
	return b.Bytes(), nil
}

// Environment returns the file as lines of NAME='value' that a POSIX shell reads. What is
// omitted becomes comments. A text that is not UTF-8 stands there as its bytes. A NUL byte, which
// a variable cannot hold, is an error.
func (f File) Environment() ([]byte, error) {
	var b bytes.Buffer
	for _, o := range f.Omitted {
		fmt.Fprintf(&b, "# not carried over: %s: %s\n", o.Setting, strings.Join(strings.Fields(o.Why), " "))
	}
	for _, e := range f.Entries {
		value, err := variableText(e.Value)
		if err != nil {
			return nil, fmt.Errorf("setting %s: %w", e.Name, err)
		}
		if strings.Contains(value, "\x00") {
			return nil, fmt.Errorf("setting %s holds a NUL byte, which a variable cannot: use --format json", e.Name)
		}
		if value == "" {
			value = `""` // an empty variable counts as unset
		}
		b.WriteString(Assignment(Variable(e.Name), value))
	}
	return b.Bytes(), nil
}

// variableText returns a value as a variable holds it.
func variableText(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case binary:
		return string(v.Base64), nil
	}
	text, err := marshal(v, "")
	return string(text), err
}

// Assignment returns a line that sets a variable in a POSIX shell.
func Assignment(name, value string) string {
	return name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'\n"
}

// Variable returns the environment variable of a setting.
func Variable(name string) string { return "DJANGO_" + strings.TrimPrefix(name, "DJANGO_") }

// marshal returns a value as JSON, on one line without an indent.
func marshal(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if indent != "" {
		encoder.SetIndent(indent, indent)
	}
	err := encoder.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}
