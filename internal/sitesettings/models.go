package sitesettings

import (
	"cmp"
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/databaseurl"
	"github.com/djsession/djsession/internal/engines"
	"github.com/djsession/djsession/internal/pyliteral"
)

// The models' entries in the file.
type (
	userModel struct {
		Label           string            `json:"LABEL"`
		Database        string            `json:"DATABASE,omitempty"`
		Table           string            `json:"TABLE"`
		Key             string            `json:"KEY"`
		Columns         map[string]string `json:"COLUMNS"`
		SessionAuthHash string            `json:"SESSION_AUTH_HASH,omitempty"`
	}
	sessionModel struct {
		Label        string   `json:"LABEL"`
		Database     string   `json:"DATABASE,omitempty"`
		Table        string   `json:"TABLE"`
		KeyLength    int64    `json:"KEY_LENGTH"`
		ExtraColumns []string `json:"EXTRA_COLUMNS,omitempty"`
	}
)

// texts returns the text items of a dict.
func texts(v pyliteral.Value) map[string]string {
	found := map[string]string{}
	dict, _ := v.(pyliteral.Dict)
	for _, p := range dict {
		name, isName := p.Key.(string)
		text, isText := p.Value.(string)
		if isName && isText {
			found[name] = text
		}
	}
	return found
}

// names returns the text items of a list.
func names(v pyliteral.Value) (found []string) {
	list, _ := v.(pyliteral.List)
	for _, item := range list {
		if text, ok := item.(string); ok {
			found = append(found, text)
		}
	}
	return found
}

// store carries over what the class of SESSION_ENGINE is.
func (c *converter) store() {
	dict, _ := c.values["SESSION_STORE"].(pyliteral.Dict)
	about := texts(dict)
	engine, _ := c.values["SESSION_ENGINE"].(string)
	if _, told := c.values["SESSION_STORE"]; !told {
		c.file.NotInDump = append(c.file.NotInDump, "SESSION_STORE_CLASS", "SESSION_ENGINE_BASE", "SESSION_MODEL")
	}
	if _, told := c.values["USER_MODEL"]; !told {
		c.file.NotInDump = append(c.file.NotInDump, "USER_MODEL")
	}
	if problem := c.problem("SESSION_STORE"); problem != "" {
		c.file.omit("SESSION_ENGINE", "%s", problem)
		return
	}
	if about["class"] != "" && about["class"] != "SessionStore" {
		c.file.add("SESSION_STORE_CLASS", about["class"])
	}
	if about["base"] != "" && about["base"] != engine {
		c.file.add("SESSION_ENGINE_BASE", about["base"])
	}
	switch {
	case about["salt"] != "":
		c.file.omit("SESSION_ENGINE", "%s signs with a key_salt of its own, which Go cannot do: its sessions are unreadable here", engine)
	case about["class"] == "" && !strings.HasPrefix(engines.Django(engine), "django.contrib.sessions."):
		c.file.omit("SESSION_ENGINE", "%s is not Django's, and this dump does not tell what it is: use djsession settings --manage", engine)
	}
	if overrides := names(get(dict, "overrides")); len(overrides) > 0 {
		c.file.omit("SESSION_ENGINE", "%s has methods of its own (%s): what they do otherwise than Django's, Go does not do", engine, strings.Join(overrides, ", "))
	}
	if about["cache_key_prefix"] != "" {
		c.file.omit("SESSION_ENGINE", "%s has a cache_key_prefix of its own: pass it to cachestore.WithCacheKeyPrefix", engine)
	}
}

func (c *converter) sessionModel() {
	if problem := c.problem("SESSION_MODEL"); problem != "" {
		c.file.omit("SESSION_ENGINE", "%s, so that its model is not known: is django.contrib.sessions in INSTALLED_APPS?", problem)
	}
	dict, ok := c.values["SESSION_MODEL"].(pyliteral.Dict)
	if !ok {
		return
	}
	about := texts(dict)
	m := sessionModel{Label: about["label"], Table: about["table"], Database: notDefault(about["database"]), KeyLength: 40}
	if n, ok := get(dict, "key_length").(int64); ok {
		m.KeyLength = n
	}
	m.ExtraColumns = names(get(dict, "extra"))
	m.Table = c.tableName(m.Table, m.Database)
	c.file.add("SESSION_MODEL", m)
	known := m.Label == "user_sessions.Session" || m.Label == "qsessions.Session"
	if len(m.ExtraColumns) > 0 && !known {
		c.file.omit("SESSION_MODEL", "%s has further columns (%s): set them with dbstore.WithExtraColumns, unless the database has defaults for them", m.Label, strings.Join(m.ExtraColumns, ", "))
	}
}

// tableName returns a db_table for packages dbstore and usertable, to which a dot separates the
// schema. To Django, without quotes, it is part of the name.
func (c *converter) tableName(table, alias string) string {
	if !strings.Contains(table, ".") || strings.ContainsAny(table, "\"`") {
		return table
	}
	databases, _ := c.values["DATABASES"].(pyliteral.Dict)
	entry, _ := get(databases, cmp.Or(alias, "default")).(pyliteral.Dict)
	if engineOf(str(entry, "ENGINE")) == databaseurl.MySQL {
		return "`" + table + "`"
	}
	return `"` + table + `"`
}

func notDefault(alias string) string {
	if alias == "default" {
		return ""
	}
	return alias
}

// keyTypes are what Django's fields are to package usertable.
var keyTypes = map[string]string{
	"AutoField": "int", "BigAutoField": "int", "SmallAutoField": "int", "IntegerField": "int", "BigIntegerField": "int",
	"PositiveIntegerField": "int", "PositiveBigIntegerField": "int", "PositiveSmallIntegerField": "int", "SmallIntegerField": "int",
	"UUIDField": "uuid",
	"CharField": "text", "TextField": "text", "EmailField": "text", "SlugField": "text",
}

// userFields are the fields of django.contrib.auth's own User that the file names.
var userFields = []string{"password", "is_active", "last_login", "is_staff", "is_superuser", "email", "first_name", "last_name"}

const djangosHash = "django.contrib.auth.base_user.AbstractBaseUser"

func (c *converter) userModel() {
	omit := func(format string, args ...any) { c.file.omit("AUTH_USER_MODEL", format, args...) }
	dict, ok := c.values["USER_MODEL"].(pyliteral.Dict)
	if !ok {
		if problem := c.problem("USER_MODEL"); problem != "" {
			omit("%s, so that nobody can be logged in: is its app in INSTALLED_APPS?", problem)
		} else if label, _ := c.values["AUTH_USER_MODEL"].(string); label != "" && label != "auth.User" {
			omit("%s is not Django's own, and this dump does not tell its table and columns: use djsession settings --manage, or the snippet", label)
		}
		return
	}
	about := texts(dict)
	all := texts(get(dict, "columns"))
	m := userModel{Label: about["label"], Database: notDefault(about["database"]), Table: about["table"], Columns: map[string]string{"id": about["id"]}}
	m.Columns["username"] = all[about["username"]]
	for _, field := range userFields {
		if column, ok := all[field]; ok {
			m.Columns[field] = column
		}
	}
	computed, detailed := dict.Get("computed")
	switch {
	case m.Columns["id"] == "":
		omit("the primary key of %s is not one column: djsession cannot read its users", m.Label)
		return
	case m.Columns["username"] == "" || m.Columns["password"] == "":
		omit("%s has no column for its USERNAME_FIELD or its password: describe it with usertable.WithColumns", m.Label)
		return
	case slices.Contains(names(computed), "is_active"):
		omit("is_active of %s is computed, or in another table: Go would take every user for active. If that is right, describe the model with usertable.WithTable and WithColumns", m.Label)
		return
	case !detailed && (about["key"] == "OneToOneField" || about["key"] == "ForeignKey"):
		omit("the primary key of %s is a %s, so its columns may be in several tables: use djsession settings --manage", m.Label, about["key"])
		return
	case !detailed && m.Columns["is_active"] == "":
		omit("%s has no column is_active, so Go takes every user for active: use djsession settings --manage, which tells whether the model computes it", m.Label)
	}
	for _, name := range names(computed) {
		omit("%s of %s is computed, or in another table: to Go it is false", name, m.Label)
	}
	if own := about["own_table"]; own != "" && own != m.Table {
		omit("%s keeps users in several tables: Go reads %s only, also the rows that have none in %s", m.Label, m.Table, own)
	}
	if about["check_password"] != "" {
		omit("%s has a check_password of its own: Go checks passwords as Django does", about["check_password"])
	}
	if m.Key = keyTypes[about["key"]]; m.Key == "" {
		omit("the primary key of %s is a %s, which djsession does not know: it is read as text", m.Label, about["key"])
		m.Key = "text"
	}
	hash := strings.TrimSuffix(about["hash"], ".get_session_auth_hash")
	if hash != "" && hash != djangosHash {
		m.SessionAuthHash = hash
		omit("%s has a get_session_auth_hash of its own: describe it with auth.WithSessionAuthHash, and for the command with DJANGO_AUTH_HASH_VALUE and DJANGO_AUTH_HASH_SALT", hash)
	}
	if about["queryset"] != "" {
		omit("%s, the default manager, may hide users: Go sees every row of %s; see package usertable", about["queryset"], m.Table)
	}
	m.Table = c.tableName(m.Table, m.Database)
	c.file.add("USER_MODEL", m)
}
