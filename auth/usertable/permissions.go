package usertable

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// Permissions implements auth.PermissionLister with one query. The permissions are sorted,
// each once. It does not ask whether the user is active or a superuser, who has all.
//
// A model without Django's PermissionsMixin has no tables of permissions, which is a
// *dbstore.Error of dbstore.KindUndefined.
func (t *Table) Permissions(ctx context.Context, id string) ([]string, error) {
	key, ok := t.opts.key.param(id)
	if !ok {
		return nil, nil
	}
	all, err := t.readPermissions(ctx, t.q.permissions, key, key)
	return all, t.fail("permissions", err, fmt.Sprintf("Permissions reads %[1]s_user_permissions and %[1]s_groups by the column %[2]s_id: "+
		"the model must have PermissionsMixin, and WithTable and WithModel must name it", t.opts.table, t.opts.model))
}

// AllPermissions implements auth.AllPermissionsLister with one query. The permissions are
// sorted, each once.
func (t *Table) AllPermissions(ctx context.Context) ([]string, error) {
	all, err := t.readPermissions(ctx, t.q.everything)
	return all, t.fail("all permissions", err, "auth_permission or django_content_type is missing; run the site's migrations")
}

func (t *Table) readPermissions(ctx context.Context, query string, args ...any) ([]string, error) {
	var all []string
	err := t.db.Read(ctx, query, args, func(rows *sql.Rows) error {
		all = all[:0]
		for rows.Next() {
			var app, codename string
			if err := rows.Scan(&app, &codename); err != nil {
				return err
			}
			all = append(all, app+"."+codename)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
