package sitesettings

import (
	"cmp"
	"strings"

	"github.com/djsession/djsession/internal/databaseurl"
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

// store carries over what the class of SESSION_ENGINE is.
func (c *converter) store() error {
	about := texts(c.values["SESSION_STORE"])
	engine, _ := c.values["SESSION_ENGINE"].(string)
	if about["class"] != "" && about["class"] != "SessionStore" {
		c.file.add("SESSION_STORE_CLASS", about["class"])
	}
	if about["base"] != "" && about["base"] != engine {
		c.file.add("SESSION_ENGINE_BASE", about["base"])
	}
	switch {
	case about["salt"] != "":
		c.file.omit("SESSION_ENGINE", "%s signs with a key_salt of its own, which Go cannot do: its sessions are unreadable here", engine)
	case about["class"] == "" && !strings.HasPrefix(engine, "django.contrib.sessions."):
		c.file.omit("SESSION_ENGINE", "%s is not Django's, and this dump does not tell what it is: use djsession settings --manage", engine)
	}
	if about["cache_key_prefix"] != "" {
		c.file.omit("SESSION_ENGINE", "%s has a cache_key_prefix of its own: pass it to cachestore.WithCacheKeyPrefix", engine)
	}
	return nil
}

func (c *converter) sessionModel() error {
	dict, ok := c.values["SESSION_MODEL"].(pyliteral.Dict)
	if !ok {
		return nil
	}
	about := texts(dict)
	m := sessionModel{Label: about["label"], Table: about["table"], Database: notDefault(about["database"]), KeyLength: 40}
	if length, ok := dict.Get("key_length"); ok {
		if n, ok := length.(int64); ok {
			m.KeyLength = n
		}
	}
	extra, _ := dict.Get("extra")
	if columns, ok := extra.(pyliteral.List); ok {
		for _, column := range columns {
			if name, ok := column.(string); ok {
				m.ExtraColumns = append(m.ExtraColumns, name)
			}
		}
	}
	m.Table = c.tableName(m.Table, m.Database)
	c.file.add("SESSION_MODEL", m)
	known := m.Label == "user_sessions.Session" || m.Label == "qsessions.Session"
	if len(m.ExtraColumns) > 0 && !known {
		c.file.omit("SESSION_MODEL", "%s has further columns (%s): set them with dbstore.WithExtraColumns, unless the database has defaults for them", m.Label, strings.Join(m.ExtraColumns, ", "))
	}
	return nil
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

func (c *converter) userModel() error {
	dict, ok := c.values["USER_MODEL"].(pyliteral.Dict)
	if !ok {
		if label, _ := c.values["AUTH_USER_MODEL"].(string); label != "" && label != "auth.User" {
			c.file.omit("AUTH_USER_MODEL", "%s is not Django's own, and this dump does not tell its table and columns: use djsession settings --manage, or the snippet", label)
		}
		return nil
	}
	about := texts(dict)
	columns, _ := dict.Get("columns")
	all := texts(columns)
	m := userModel{Label: about["label"], Database: notDefault(about["database"]), Table: about["table"], Columns: map[string]string{"id": about["id"]}}
	m.Columns["username"] = all[about["username"]]
	for _, field := range userFields {
		if column, ok := all[field]; ok {
			m.Columns[field] = column
		}
	}
	if m.Key = keyTypes[about["key"]]; m.Key == "" {
		c.file.omit("AUTH_USER_MODEL", "the primary key of %s is a %s, which djsession does not know: it is read as text", m.Label, about["key"])
		m.Key = "text"
	}
	if m.Columns["username"] == "" || m.Columns["password"] == "" {
		c.file.omit("AUTH_USER_MODEL", "%s has no column for its USERNAME_FIELD or its password: describe it with usertable.WithColumns", m.Label)
		return nil
	}
	hash := strings.TrimSuffix(about["hash"], ".get_session_auth_hash")
	if hash != "" && hash != djangosHash {
		m.SessionAuthHash = hash
		c.file.omit("AUTH_USER_MODEL", "%s has a get_session_auth_hash of its own: describe it with auth.WithSessionAuthHash, and for the command with DJANGO_AUTH_HASH_VALUE and DJANGO_AUTH_HASH_SALT", hash)
	}
	if about["queryset"] != "" {
		c.file.omit("AUTH_USER_MODEL", "%s, the default manager, may hide users: Go sees every row of %s; see package usertable", about["queryset"], m.Table)
	}
	m.Table = c.tableName(m.Table, m.Database)
	c.file.add("USER_MODEL", m)
	return nil
}
