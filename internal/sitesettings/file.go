package sitesettings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
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
}

// Omission is something that cannot be carried over.
type Omission struct {
	Setting string `json:"SETTING"`
	Why     string `json:"WHY"`
}

// File is a settings file.
type File struct {
	Entries []Entry
	Omitted []Omission
}

func (f *File) add(name string, value any) {
	f.Entries = append(f.Entries, Entry{Name: name, Value: value})
}

func (f *File) addSecret(name string, value any) {
	f.Entries = append(f.Entries, Entry{Name: name, Value: value, Secret: true})
}

func (f *File) omit(setting, format string, args ...any) {
	f.Omitted = append(f.Omitted, Omission{setting, fmt.Sprintf(format, args...)})
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

// WithoutSecrets returns the file without the entries that are secret.
func (f File) WithoutSecrets() File {
	var kept []Entry
	for _, e := range f.Entries {
		if !e.Secret {
			kept = append(kept, e)
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
// omitted becomes comments.
func (f File) Environment() ([]byte, error) {
	var b bytes.Buffer
	for _, o := range f.Omitted {
		fmt.Fprintf(&b, "# not carried over: %s: %s\n", o.Setting, strings.Join(strings.Fields(o.Why), " "))
	}
	for _, e := range f.Entries {
		value, ok := e.Value.(string)
		if !ok {
			text, err := marshal(e.Value, "")
			if err != nil {
				return nil, fmt.Errorf("setting %s: %w", e.Name, err)
			}
			value = string(text)
		}
		if value == "" {
			value = `""` // an empty variable counts as unset
		}
		b.WriteString(Assignment(variable(e.Name), value))
	}
	return b.Bytes(), nil
}

// Assignment returns a line that sets a variable in a POSIX shell.
func Assignment(name, value string) string {
	return name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'\n"
}

// variable returns the environment variable of a setting.
func variable(name string) string { return "DJANGO_" + strings.TrimPrefix(name, "DJANGO_") }

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

// Differences returns the names of the settings of a file's content that the site has
// otherwise or not at all, and of those that the site has and the content lacks, unless they are
// secret: a file may leave them to the environment.
func (f File) Differences(content []byte) ([]string, error) {
	var stored map[string]json.RawMessage
	if err := json.Unmarshal(content, &stored); err != nil {
		return nil, fmt.Errorf("the settings file is not JSON: %w", err)
	}
	var names []string
	for _, e := range f.Entries {
		text, found := stored[e.Name]
		delete(stored, e.Name)
		if !found {
			if !e.Secret {
				names = append(names, e.Name)
			}
			continue
		}
		site, err := marshal(e.Value, "")
		if err != nil {
			return nil, err
		}
		if !sameJSON(site, text) {
			names = append(names, e.Name)
		}
	}
	for _, name := range []string{FormatKey, "OMITTED"} {
		delete(stored, name)
	}
	for name := range stored {
		names = append(names, name)
	}
	return names, nil
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
