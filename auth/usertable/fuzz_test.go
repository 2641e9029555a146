package usertable_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/serializer"
)

// FuzzReadID reads any JSON as an _auth_user_id. What is read is in the form that it
// would be written in, and for which the database is asked; a text of digits is the
// number that it says.
func FuzzReadID(f *testing.F) {
	all := readers(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := serializer.JSON.Loads(append(append([]byte(`{"_auth_user_id":`), text...), '}'))
		if err != nil {
			return
		}
		v, _ := d.Get("_auth_user_id")
		var plain string
		if v.Decode(&plain) == nil && plain != "" && strings.Trim(plain, "0123456789") == "" {
			number, err := strconv.ParseInt(plain, 10, 64)
			if id, ok := all[0].ReadID(v); ok != (err == nil) || ok && id != strconv.FormatInt(number, 10) {
				t.Errorf("%q is read as %q, %t", plain, id, ok)
			}
		}
		for i, users := range all {
			id, ok := users.ReadID(v)
			if !ok {
				if id != "" {
					t.Errorf("key %d: an id without being ok", keys[i])
				}
				continue
			}
			// It is in the form that it would be written in.
			again, err := serializer.Encode(id)
			if err != nil {
				t.Fatalf("key %d: %q: %v", keys[i], id, err)
			}
			if same, ok := users.ReadID(again); !ok || same != id {
				t.Errorf("key %d: %q is read as %q, %t", keys[i], id, same, ok)
			}
			// And in the form for which ByID asks the database.
			if _, err := users.ByID(t.Context(), id); errors.Is(err, auth.ErrNoUser) {
				t.Errorf("key %d: ByID takes %q for nobody's", keys[i], id)
			}
		}
	})
}
