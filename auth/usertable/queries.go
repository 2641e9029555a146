package usertable

import (
	"slices"

	"github.com/djsession/djsession/internal/sqldb"
)

// queries are the statements. Each lists its parameters in the order in which they stand.
type queries struct {
	byID         selectUser // id
	byUsername   selectUser // user name: at most two rows
	setPassword  string     // password, id
	swapPassword string     // password, id, old password
	setLastLogin string     // time, id
	exists       string     // id: how many
	matches      string     // id, old password: how many
	permissions  string     // id, id
	everything   string     // every permission of the site
}

func makeQueries(d sqldb.Dialect, o options, inTx bool) queries {
	// Without "u." SQLite takes the name of a column that it lacks for a text.
	t, c := tableAs(d, o), o.columns
	same := d.Equal("u." + d.QuoteColumn(c.Password))
	lock := ""
	if d == sqldb.MySQL && inTx { // else the transaction's snapshot repeats the row as it was
		lock = " FOR UPDATE"
	}
	this := " WHERE " + hasID(d, o)
	set := func(column string) string { return "UPDATE " + t + " SET " + d.QuoteColumn(column) + " = ?" + this }
	return queries{
		byID:         makeSelect(d, o, this),
		byUsername:   makeSelect(d, o, " WHERE u."+d.QuoteColumn(c.Username)+" = ? LIMIT 2"),
		setPassword:  d.Bind(set(c.Password)),
		swapPassword: d.Bind(set(c.Password) + " AND " + same),
		setLastLogin: d.Bind(set(c.LastLogin)),
		exists:       d.Bind("SELECT COUNT(*) FROM " + t + this + lock),
		matches:      d.Bind("SELECT COUNT(*) FROM " + t + this + " AND " + same + lock),
		permissions:  d.Bind(selectPermissions(d, o)),
		everything:   "SELECT c.app_label, p.codename FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id",
	}
}

// selectUser is a query of users in two forms: for a table that has the optional columns, and
// for any table, which takes the database longer.
type selectUser struct{ full, lacking string }

func makeSelect(d sqldb.Dialect, o options, where string) selectUser {
	full, lacking := selectColumns(d, o)
	from := " FROM " + tableAs(d, o)
	q := selectUser{full: d.Bind("SELECT " + full + from + where)}
	if q.lacking = q.full; lacking != full {
		q.lacking = d.Bind("SELECT " + lacking + from + " CROSS JOIN " + absent + where)
	}
	return q
}

// tableAs is the table under the name u.
func tableAs(d sqldb.Dialect, o options) string { return d.Quote(o.table) + " AS u" }

// hasID is the condition that u has the id of a placeholder.
func hasID(d sqldb.Dialect, o options) string {
	return o.key.equals(d, "u."+d.QuoteColumn(o.columns.ID))
}

// selectColumns returns the columns of a selectUser, in both forms.
func selectColumns(d sqldb.Dialect, o options) (full, lacking string) {
	c := o.columns
	column := func(name, without string) string {
		if name == "" {
			return without
		}
		return "u." + d.QuoteColumn(name)
	}
	lastLogin := column(c.LastLogin, "NULL")
	switch d { // as text, so that no driver reads it as a time in another zone
	case sqldb.MySQL:
		lastLogin = "CAST(" + lastLogin + " AS CHAR)"
	case sqldb.SQLite:
		lastLogin = "CAST(" + lastLogin + " AS TEXT)"
	}
	begin := column(c.ID, "") + ", " + column(c.Username, "") + ", " + column(c.Password, "") + ", " +
		column(c.IsActive, "1") + ", " + column(c.IsStaff, "0") + ", " + column(c.IsSuperuser, "0") + ", " + lastLogin
	full, lacking = begin, begin
	for _, name := range []string{c.Email, c.FirstName, c.LastName} {
		full += ", " + column(name, "NULL")
		if o.optional(name) {
			lacking += ", " + selectOptional(d, o, name)
		} else {
			lacking += ", " + column(name, "NULL")
		}
	}
	extra := ""
	for _, name := range o.extra {
		extra += ", " + column(name, "")
	}
	return full + extra, lacking + extra
}

// optional reports whether the table may lack the column: not if it is needed for something
// else.
func (o *options) optional(name string) bool {
	needed := append([]string{o.columns.Username, o.columns.Password}, o.extra...)
	return slices.Contains([]string{"email", "first_name", "last_name"}, name) && !slices.Contains(needed, name)
}

// absent is joined with the users: one row, in which every optional column is NULL.
const absent = "(SELECT NULL AS email, NULL AS first_name, NULL AS last_name) AS absent"

// selectOptional selects an optional column of the user u. In the subquery an unqualified name
// is the column of the table or, if there is none, that of absent around it.
func selectOptional(d sqldb.Dialect, o options, name string) string {
	id := d.QuoteColumn(o.columns.ID)
	value := "(SELECT " + d.QuoteColumn(name) + " FROM " + d.Quote(o.table) + " AS v WHERE v." + id + " = u." + id + ")"
	if d == sqldb.PostgreSQL {
		// A prepared statement whose types change is an error.
		value = "CAST(" + value + " AS text)"
	}
	return value
}

// run runs the query in the form that the table needs: without the optional columns once one
// was missing, and in the caller's transaction, which an error would end.
func (t *Table) run(q selectUser, run func(query string) error) error {
	if t.db.InTx || t.lacking.Load() {
		return run(q.lacking)
	}
	err := run(q.full)
	if q.lacking == q.full || sqldb.KindOf(err) != sqldb.KindUndefined {
		return err
	}
	t.lacking.Store(true)
	return run(q.lacking)
}

// selectPermissions selects the user's own permissions and those of their groups. A UNION
// that leaves out duplicates would, on MySQL, leave out what differs in case only.
func selectPermissions(d sqldb.Dialect, o options) string {
	const content = " JOIN django_content_type c ON c.id = p.content_type_id WHERE "
	who := o.key.equals(d, "u."+d.QuoteColumn(o.model+"_id"))
	return "SELECT c.app_label, p.codename FROM " + d.QuoteRelated(o.table, "_user_permissions") + " AS u" +
		" JOIN auth_permission p ON p.id = u.permission_id" + content + who +
		" UNION ALL SELECT c.app_label, p.codename FROM " + d.QuoteRelated(o.table, "_groups") + " AS u" +
		" JOIN auth_group_permissions g ON g.group_id = u.group_id" +
		" JOIN auth_permission p ON p.id = g.permission_id" + content + who
}
