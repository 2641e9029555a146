package usertable

import (
	"slices"

	"github.com/djsession/djsession/internal/sqldb"
)

// queries are the statements, made once. Each lists its parameters in the order
// in which they stand.
type queries struct {
	byID         either // id
	byUsername   either // user name: two rows at the most
	setPassword  string // password, id
	swapPassword string // password, id, old password
	setLastLogin string // time, id
	exists       string // id: how many
	matches      string // id, old password: how many
	permissions  string // id, id
	everything   string // every permission of the site
}

func makeQueries(d sqldb.Dialect, o options, inTx bool) *queries {
	// Columns are of u: SQLite takes a lone name in double quotes for a text where
	// there is no such column.
	t, c := d.Quote(o.table)+" AS u", o.columns
	password := "u." + d.QuoteColumn(c.Password)
	same := d.Equal(password)
	// A snapshot of MySQL's repeats the row as it was, unless it is locked.
	lock := ""
	if d == sqldb.MySQL && inTx {
		lock = " FOR UPDATE"
	}
	this := " WHERE " + o.key.equals(d, "u."+d.QuoteColumn(c.ID))
	set := func(column string) string { return "UPDATE " + t + " SET " + d.QuoteColumn(column) + " = ?" + this }
	q := &queries{
		byID:         selectEither(d, o, this),
		byUsername:   selectEither(d, o, " WHERE u."+d.QuoteColumn(c.Username)+" = ? LIMIT 2"),
		setPassword:  set(c.Password),
		swapPassword: set(c.Password) + " AND " + same,
		setLastLogin: set(c.LastLogin),
		exists:       "SELECT COUNT(*) FROM " + t + this + lock,
		matches:      "SELECT COUNT(*) FROM " + t + this + " AND " + same + lock,
		permissions:  selectPermissions(d, o),
		everything:   "SELECT c.app_label, p.codename FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id",
	}
	for _, s := range []*string{&q.setPassword, &q.swapPassword, &q.setLastLogin, &q.exists, &q.matches, &q.permissions} {
		*s = d.Bind(*s)
	}
	return q
}

// selectUser selects what a row holds, with a constant for what the model is known to lack,
// up to the WHERE. The table may lack the optional columns, too, if lacking is true.
func selectUser(d sqldb.Dialect, o options, lacking bool) string {
	column := func(name, without string) string {
		if name == "" {
			return without
		}
		return "u." + d.QuoteColumn(name)
	}
	optional := func(name string) string {
		if !lacking || !o.optional(name) {
			return column(name, "NULL")
		}
		return selectOptional(d, o, name)
	}
	c := o.columns
	// As text, so that no driver makes a time of it in a zone of its own.
	lastLogin := column(c.LastLogin, "NULL")
	switch d {
	case sqldb.MySQL:
		lastLogin = "CAST(" + lastLogin + " AS CHAR)"
	case sqldb.SQLite:
		lastLogin = "CAST(" + lastLogin + " AS TEXT)"
	}
	text := "SELECT " + column(c.ID, "") + ", " + column(c.Username, "") + ", " + column(c.Password, "") + ", " +
		column(c.IsActive, "1") + ", " + column(c.IsStaff, "0") + ", " + column(c.IsSuperuser, "0") + ", " + lastLogin + ", " +
		optional(c.Email) + ", " + optional(c.FirstName) + ", " + optional(c.LastName)
	for _, name := range o.extra {
		text += ", " + column(name, "")
	}
	text += " FROM " + d.Quote(o.table) + " AS u"
	if lacking && slices.ContainsFunc([]string{c.Email, c.FirstName, c.LastName}, o.optional) {
		text += " CROSS JOIN " + absent
	}
	return text
}

// selectPermissions selects the user's own and those of the groups. A UNION that
// leaves out duplicates would, on MySQL, leave out what differs in case only.
func selectPermissions(d sqldb.Dialect, o options) string {
	who := o.key.equals(d, "u."+d.QuoteColumn(o.model+"_id"))
	return "SELECT c.app_label, p.codename FROM " + d.QuoteRelated(o.table, "_user_permissions") + " AS u" +
		" JOIN auth_permission p ON p.id = u.permission_id" +
		" JOIN django_content_type c ON c.id = p.content_type_id WHERE " + who +
		" UNION ALL SELECT c.app_label, p.codename FROM " + d.QuoteRelated(o.table, "_groups") + " AS u" +
		" JOIN auth_group_permissions g ON g.group_id = u.group_id" +
		" JOIN auth_permission p ON p.id = g.permission_id" +
		" JOIN django_content_type c ON c.id = p.content_type_id WHERE " + who
}
