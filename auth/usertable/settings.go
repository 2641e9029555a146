package usertable

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// keys are the types of primary keys as Settings.UserModel names them.
var keys = map[string]Key{"": Integer, "int": Integer, "uuid": UUID, "text": Text}

// optionsOf returns the options that the settings' user model gives.
func optionsOf(s django.Settings) (options, error) {
	m := s.UserModel
	key, ok := keys[m.Key]
	if !ok {
		return options{}, fmt.Errorf("usertable: Settings.UserModel.Key is %q: it must be int, uuid or text", m.Key)
	}
	o := options{
		table: cmp.Or(m.Table, "auth_user"), model: "user", columns: DefaultColumns(), key: key, wait: sqldb.DefaultMaxWait,
		timeZone: s.Databases[cmp.Or(m.Database, "default")].TimeZone,
	}
	if s.UseTZ != nil && !*s.UseTZ {
		o.timeZone = "" // which Django has for USE_TZ = True only
	}
	if _, name, ok := strings.Cut(m.Label, "."); ok {
		o.model = strings.ToLower(name)
	}
	if m.Columns != nil {
		c := m.Columns
		o.columns = Columns{
			ID: c["id"], Username: c["username"], Password: c["password"], LastLogin: c["last_login"],
			IsActive: c["is_active"], IsStaff: c["is_staff"], IsSuperuser: c["is_superuser"],
			Email: c["email"], FirstName: c["first_name"], LastName: c["last_name"],
		}
	}
	return o, nil
}
