package torture

import (
	"context"
	"database/sql"
	"iter"

	"github.com/djsession/djsession/internal/testenv"
)

// trails are the statements that make a database keep every state of every session, in
// the order of the writes: the number is drawn while the writer holds the row.
var trails = map[testenv.Vendor][]string{
	testenv.SQLiteVendor: {
		`CREATE TABLE trail (id INTEGER PRIMARY KEY AUTOINCREMENT, session_key varchar(40) NOT NULL, session_data text)`,
		`CREATE TRIGGER trail_insert AFTER INSERT ON django_session BEGIN
			INSERT INTO trail (session_key, session_data) VALUES (new.session_key, new.session_data); END`,
		`CREATE TRIGGER trail_update AFTER UPDATE ON django_session BEGIN
			INSERT INTO trail (session_key, session_data) VALUES (new.session_key, new.session_data); END`,
		`CREATE TRIGGER trail_delete AFTER DELETE ON django_session BEGIN
			INSERT INTO trail (session_key, session_data) VALUES (old.session_key, NULL); END`,
	},
	testenv.PostgreSQLVendor: {
		`CREATE TABLE trail (id bigserial PRIMARY KEY, session_key varchar(40) NOT NULL, session_data text)`,
		`CREATE FUNCTION leave_trail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF TG_OP = 'DELETE' THEN
				INSERT INTO trail (session_key) VALUES (OLD.session_key);
			ELSE
				INSERT INTO trail (session_key, session_data) VALUES (NEW.session_key, NEW.session_data);
			END IF;
			RETURN NULL; END $$`,
		`CREATE TRIGGER trail AFTER INSERT OR UPDATE OR DELETE ON django_session FOR EACH ROW EXECUTE FUNCTION leave_trail()`,
	},
	testenv.MySQLVendor: {
		`CREATE TABLE trail (id bigint AUTO_INCREMENT PRIMARY KEY, session_key varchar(40) NOT NULL, session_data longtext)`,
		`CREATE TRIGGER trail_insert AFTER INSERT ON django_session FOR EACH ROW
			INSERT INTO trail (session_key, session_data) VALUES (NEW.session_key, NEW.session_data)`,
		`CREATE TRIGGER trail_update AFTER UPDATE ON django_session FOR EACH ROW
			INSERT INTO trail (session_key, session_data) VALUES (NEW.session_key, NEW.session_data)`,
		`CREATE TRIGGER trail_delete AFTER DELETE ON django_session FOR EACH ROW
			INSERT INTO trail (session_key) VALUES (OLD.session_key)`,
	},
}

// A step is a recorded state of a session.
type step struct {
	key     string
	text    string // session_data
	deleted bool
}

// readTrail loops over the steps in their order.
func readTrail(ctx context.Context, db *sql.DB) iter.Seq2[step, error] {
	return func(yield func(step, error) bool) {
		rows, err := db.QueryContext(ctx, "SELECT session_key, session_data FROM trail ORDER BY id")
		if err != nil {
			yield(step{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			var s step
			var text sql.NullString
			err := rows.Scan(&s.key, &text)
			s.text, s.deleted = text.String, !text.Valid
			if !yield(s, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(step{}, err)
		}
	}
}
