package sitesettings_test

import (
	"strings"
	"testing"
)

// member returns the report of a user model, with items of it changed.
func member(changes ...string) string {
	items := map[string]string{
		"label": "'a.Member'", "table": "'member'", "own_table": "'member'", "id": "'id'", "key": "'AutoField'", "username": "'name'",
		"columns": "{'name': 'n', 'password': 'p', 'is_active': 'on', 'is_staff': 's'}", "computed": "[]",
	}
	for i := 0; i < len(changes); i += 2 {
		items[changes[i]] = changes[i+1]
	}
	var b strings.Builder
	for name, repr := range items {
		if repr != "" {
			b.WriteString("'" + name + "': " + repr + ", ")
		}
	}
	return "{" + b.String() + "}"
}

const noActive = "{'name': 'n', 'password': 'p'}"

func TestUserModels(t *testing.T) {
	for name, tt := range map[string]struct {
		setting, repr string
		carried       bool   // is there a USER_MODEL?
		omitted       string // "" for nothing
	}{
		"a plain one":               {"USER_MODEL", member(), true, ""},
		"no is_active":              {"USER_MODEL", member("columns", noActive), true, ""},
		"a computed is_active":      {"USER_MODEL", member("columns", noActive, "computed", "['is_active']"), false, "Go would take every user for active"},
		"is_active not told":        {"USER_MODEL", member("columns", noActive, "computed", ""), true, "has no column is_active"},
		"a computed is_staff":       {"USER_MODEL", member("computed", "['is_staff']"), true, "is_staff of a.Member is computed"},
		"several tables":            {"USER_MODEL", member("own_table", "'child'"), true, "Go reads member only"},
		"several tables, not told":  {"USER_MODEL", member("key", "'OneToOneField'", "computed", "", "own_table", ""), false, "use djsession settings --manage"},
		"a key of several columns":  {"USER_MODEL", member("id", "None", "key", "'CompositePrimaryKey'"), false, "is not one column"},
		"its own check_password":    {"USER_MODEL", member("check_password", "'a.Member'"), true, "check_password of its own"},
		"no app":                    {"PROBLEMS", "{'USER_MODEL': 'LookupError'}", false, "AUTH_USER_MODEL: reading it raises LookupError"},
		"no sessions":               {"PROBLEMS", "{'SESSION_MODEL': 'RuntimeError'}", false, "SESSION_ENGINE: reading it raises RuntimeError"},
		"no engine":                 {"PROBLEMS", "{'SESSION_STORE': 'ImportError'}", false, "SESSION_ENGINE: reading it raises ImportError"},
		"a setting that is refused": {"PROBLEMS", "{'SESSION_COOKIE_NAME': 'KeyError'}", false, "SESSION_COOKIE_NAME: reading it raises KeyError"},
		"methods of its own":        {"SESSION_STORE", "{'class': 'SessionStore', 'overrides': ['load', 'get_expiry_age']}", false, "methods of its own (load, get_expiry_age)"},
	} {
		file := convert(t, map[string]string{tt.setting: tt.repr})
		if carried := value(t, file, "USER_MODEL") != ""; carried != tt.carried {
			t.Errorf("%s: carried over: %v", name, carried)
		}
		var omitted []string
		for _, o := range file.Omitted {
			omitted = append(omitted, o.Setting+": "+o.Why)
		}
		if text := strings.Join(omitted, "\n"); (tt.omitted == "") != (text == "") || !strings.Contains(text, tt.omitted) {
			t.Errorf("%s omits %q, want %q", name, text, tt.omitted)
		}
	}
}
