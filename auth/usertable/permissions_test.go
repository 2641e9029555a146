package usertable_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/internal/testenv"
)

// permissionTables are those of django.contrib.auth and contenttypes; the table
// of the users, their model and the type of its key are to be filled in.
const permissionTables = `
	CREATE TABLE django_content_type (id {AUTO}, app_label varchar(100) NOT NULL, model varchar(100) NOT NULL, UNIQUE (app_label, model));
	CREATE TABLE auth_permission (id {AUTO}, name varchar(255) NOT NULL, content_type_id {INT} NOT NULL REFERENCES django_content_type (id),
		codename varchar(100) NOT NULL, UNIQUE (content_type_id, codename));
	CREATE TABLE auth_group (id {AUTO}, name varchar(150) NOT NULL UNIQUE);
	CREATE TABLE auth_group_permissions (id {AUTO}, group_id {INT} NOT NULL REFERENCES auth_group (id),
		permission_id {INT} NOT NULL REFERENCES auth_permission (id), UNIQUE (group_id, permission_id));
	CREATE TABLE {TABLE}_groups (id {AUTO}, {MODEL}_id {KEY} NOT NULL, group_id {INT} NOT NULL REFERENCES auth_group (id), UNIQUE ({MODEL}_id, group_id));
	CREATE TABLE {TABLE}_user_permissions (id {AUTO}, {MODEL}_id {KEY} NOT NULL, permission_id {INT} NOT NULL REFERENCES auth_permission (id),
		UNIQUE ({MODEL}_id, permission_id))`

// Five permissions, the last two of which MySQL takes for one; the group of
// sellers has the second to the fourth.
const permissionRows = `
	INSERT INTO django_content_type (id, app_label, model) VALUES (1, 'shop', 'order'), (2, 'auth', 'user');
	INSERT INTO auth_permission (id, name, content_type_id, codename) VALUES (1, '', 1, 'view_order'), (2, '', 1, 'add_order'),
		(3, '', 2, 'view_user'), (4, '', 2, 'can_é'), (5, '', 1, 'can_É');
	INSERT INTO auth_group (id, name) VALUES (1, 'sellers'), (2, 'nobodies');
	INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (1, 2), (1, 3), (1, 4)`

func withPermissions(t testing.TB, d *testenv.Database, table, model, key string) {
	t.Helper()
	ddl := strings.NewReplacer("{TABLE}", table, "{MODEL}", model, "{KEY}", key).Replace(permissionTables)
	execute(t, d, ddl+";"+permissionRows)
}

func TestPermissions(t *testing.T) {
	for name, vendor := range testenv.Vendors {
		t.Run(name, func(t *testing.T) {
			d := withUsers(t, vendor)
			withPermissions(t, d, "auth_user", "user", "integer")
			// ann has some of both kinds, one of them twice; ben has but a group.
			execute(t, d, `INSERT INTO auth_user_user_permissions (user_id, permission_id) VALUES (1, 1), (1, 2), (1, 5);
				INSERT INTO auth_user_groups (user_id, group_id) VALUES (1, 1), (1, 2), (22, 2)`)
			users := open(t, connect(t, d))
			for id, want := range map[string][]string{
				"1":                   {"auth.can_é", "auth.view_user", "shop.add_order", "shop.can_É", "shop.view_order"},
				"22":                  nil,
				"3":                   nil,
				"9223372036854775807": nil,
			} {
				got, err := users.Permissions(t.Context(), id)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("Permissions of %s: %q, %v; want %q", id, got, err, want)
				}
			}
			all, err := users.AllPermissions(t.Context())
			if want := []string{"auth.can_é", "auth.view_user", "shop.add_order", "shop.can_É", "shop.view_order"}; err != nil || !slices.Equal(all, want) {
				t.Errorf("AllPermissions: %q, %v; want %q", all, err, want)
			}
		})
	}
}

// TestNoPermissionTables: a model without PermissionsMixin, or under another name,
// has no answer, rather than no permissions.
func TestNoPermissionTables(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		_, err := open(t, db, usertable.WithModel("member")).Permissions(t.Context(), "1")
		var e *dbstore.Error
		if !errors.As(err, &e) || e.Kind != dbstore.KindUndefined {
			t.Fatalf("Permissions: %v", err)
		}
		for _, part := range []string{"auth_user_user_permissions", "auth_user_groups", "member_id", "PermissionsMixin", "WithModel"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("the error does not speak of %s: %v", part, err)
			}
		}
		_, err = open(t, db).AllPermissions(t.Context())
		if !errors.As(err, &e) || e.Kind != dbstore.KindUndefined || !strings.Contains(err.Error(), "auth_permission") {
			t.Errorf("AllPermissions: %v", err)
		}
	})
}
