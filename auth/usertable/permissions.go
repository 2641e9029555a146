package usertable

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

const permissionsAdvice = " has no permissions in %[1]s_user_permissions and %[1]s_groups by the column %[2]s_id; the model must have PermissionsMixin, and WithTable and WithModel must name it"

// Permissions implements auth.PermissionLister with one query; they come sorted,
// each once. Whether the user is active, or a superuser, who has all, is not asked.
//
// A model without Django's PermissionsMixin has no tables of permissions: that is
// an [*Error] of dbstore.KindUndefined, not an answer.
func (t *Table) Permissions(ctx context.Context, id string) ([]string, error) {
	key, ok := t.opts.key.param(id)
	if !ok {
		return nil, nil
	}
	all, err := t.readPermissions(ctx, t.q.permissions, key, key)
	if err != nil {
		return nil, t.newError("permissions", err, fmt.Sprintf(permissionsAdvice, t.opts.table, t.opts.model), id)
	}
	return all, nil
}

// AllPermissions implements auth.AllPermissionsLister with one query; they come sorted,
// each once.
func (t *Table) AllPermissions(ctx context.Context) ([]string, error) {
	all, err := t.readPermissions(ctx, t.q.everything)
	if err != nil {
		return nil, t.newError("all permissions", err, ": auth_permission or django_content_type is missing; run the site's migrations", "")
	}
	return all, nil
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
	slices.Sort(all)
	return slices.Compact(all), err
}
