package testenv

import "testing"

// sessionTables are the statements of Django's migrations for its session table.
var sessionTables = map[Vendor][]string{
	SQLiteVendor: {
		`CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY,
			"session_data" text NOT NULL, "expire_date" datetime NOT NULL)`,
		`CREATE INDEX "expire_date_index" ON "django_session" ("expire_date")`,
	},
	PostgreSQLVendor: {
		`CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY,
			"session_data" text NOT NULL, "expire_date" timestamp with time zone NOT NULL)`,
		`CREATE INDEX "key_like" ON "django_session" ("session_key" varchar_pattern_ops)`,
		`CREATE INDEX "expire_date_index" ON "django_session" ("expire_date")`,
	},
	MySQLVendor: {
		"CREATE TABLE `django_session` (`session_key` varchar(40) NOT NULL PRIMARY KEY, " +
			"`session_data` longtext NOT NULL, `expire_date` datetime(6) NOT NULL, INDEX `expire_date_index` (`expire_date`))",
	},
}

// CreateSessionTable creates the table django_session as Django's migrations do.
func (d *Database) CreateSessionTable(t testing.TB) {
	t.Helper()
	db := d.Connect(t)
	for _, statement := range sessionTables[d.Vendor] {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
}
