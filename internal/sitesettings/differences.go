package sitesettings

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/textfile"
)

// Differences compares the file with the content of another one. It returns the names of the
// settings that differ, or that only one of them has, and of those that the dump does not have,
// so that they cannot be compared. It passes over what is secret and not in the content, which
// may leave it to the environment; what is set by hand because it cannot be carried over; and
// what is not a setting of Django's.
func (f File) Differences(content []byte) (differing, missing []string, err error) {
	if content, err = textfile.UTF8(content); err != nil {
		return nil, nil, fmt.Errorf("the settings file: %w", err)
	}
	var stored map[string]json.RawMessage
	if err := json.Unmarshal(content, &stored); err != nil {
		return nil, nil, fmt.Errorf("the settings file is not JSON: %w", err)
	}
	for _, e := range f.Entries {
		text, found := stored[e.Name]
		delete(stored, e.Name)
		same, err := e.matches(text)
		if err != nil {
			return nil, nil, err
		}
		if slices.Contains(f.NotInDump, e.Name) { // the version that the user gave: 5.2 is also 5.2.19
			same = same || strings.HasPrefix(string(text), strings.TrimSuffix(fmt.Sprintf("%q", e.Value), `"`)+".")
		}
		if !same && (found || !e.Secret) {
			differing = append(differing, e.Name)
		}
	}
	for name := range stored {
		switch {
		case slices.Contains(f.NotInDump, name):
			missing = append(missing, name)
		case !slices.Contains(ours, name) && !f.omits(name):
			differing = append(differing, name)
		}
	}
	slices.Sort(differing)
	slices.Sort(missing)
	return differing, missing, nil
}

// ours are the names in a settings file that no site has.
var ours = []string{FormatKey, "OMITTED", "READ_OLDER_FORMATS", "MAX_INFLATED"}

// omits reports whether a setting, or a part of it, is among the omissions.
func (f File) omits(name string) bool {
	if name == "USER_MODEL" {
		name = "AUTH_USER_MODEL"
	}
	return slices.ContainsFunc(f.Omitted, func(o Omission) bool {
		setting, _, _ := strings.Cut(o.Setting, "[")
		return setting == name
	})
}

// matches reports whether text is the entry's value, or what of it is not secret.
func (e Entry) matches(text []byte) (bool, error) {
	for _, v := range []any{e.Value, e.Public} {
		own, err := marshal(v, "")
		if err != nil || v != nil && sameJSON(own, text) {
			return err == nil, err
		}
	}
	return false, nil
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
