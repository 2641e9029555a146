package dbstore

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/djsession/djsession/django"
)

// pageRows is how many rows List reads at once.
const pageRows = 200

// List implements django.Lister. A row that Django would not have written like that is no
// error: see [django.Listed].
//
// List reads pages by date, which an index serves, and sorts the rows of one date by key. A
// page has 200 rows, or as many as expire at the same moment.
func (s *Store) List(ctx context.Context, f django.Filter) iter.Seq2[django.Listed, error] {
	return func(yield func(django.Listed, error) bool) {
		if f.Key != "" && !s.Possible(f.Key) {
			return
		}
		size, left := pageRows, f.Limit
		if f.Limit > 0 {
			size = min(f.Limit+1, pageRows)
		}
		for until := any(nil); ; {
			page, err := s.page(ctx, f, until, size)
			if err != nil {
				yield(django.Listed{}, s.fail("list", err))
				return
			}
			more := len(page) == size
			if more { // leave the rows of the last date, of which there may be more, to the next page
				next := page[len(page)-1]
				end := slices.IndexFunc(page, func(r raw) bool { return r.run == next.run })
				if end == 0 {
					size *= 2
					continue
				}
				page, until, size = page[:end], next.date, pageRows
			}
			slices.SortStableFunc(page, func(a, b raw) int {
				x, _ := columnText("session_key", a.key)
				y, _ := columnText("session_key", b.key)
				return cmp.Or(cmp.Compare(a.run, b.run), cmp.Compare(x, y))
			})
			for _, r := range page {
				l, err := s.row(ctx, r)
				if err != nil {
					yield(django.Listed{}, s.fail("list", err))
					return
				}
				if f.Key != "" && l.Key != f.Key {
					continue // MySQL finds a key in another case too
				}
				if left--; !yield(l, nil) || left == 0 {
					return
				}
			}
			if !more {
				return
			}
		}
	}
}

// Count implements django.Lister.
func (s *Store) Count(ctx context.Context, f django.Filter) (n int64, err error) {
	where, args := s.where(f)
	err = s.db.Row(ctx, s.db.Dialect.Bind("SELECT COUNT(*)"+where), args, &n)
	return n, s.fail("count", err)
}

// where returns the end of a query for the rows that a filter selects.
func (s *Store) where(f django.Filter) (string, []any) {
	compare := ">"
	if f.Expired {
		compare = "<="
	}
	where, args := " FROM "+s.q.table+" WHERE expire_date "+compare+" ?", []any{s.clock.Param(f.Now)}
	if f.Key != "" {
		where, args = where+" AND session_key = ?", append(args, f.Key)
	}
	return where, args
}
