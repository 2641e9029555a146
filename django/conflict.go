package django

import "context"

// maxBlind is how often in a row a conflict may show the version that was just rejected:
// somebody may have written it back, or a transaction's snapshot hides what is stored now.
const maxBlind = 3

// conflicts counts those in a row that showed no other version.
type conflicts int

// resolve applies d's changes on top of current, which is stored now, and returns nil if a
// retry is useful. Otherwise it returns the error to return; err is the conflict. No
// back-off: every conflict means that some writer made progress.
func (c *conflicts) resolve(ctx context.Context, d *draft, current Record, err error) error {
	if current.Data == nil {
		return err // the store cannot read what is stored now
	}
	d.site.warn(d.session.storing(ctx), current)
	if err := d.site.readable(current); err != nil {
		return err
	}
	if current.Version != d.stored.Version {
		*c = 0
	} else if *c++; *c == maxBlind {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	d.merges(current.Data)
	d.rebase(current)
	return nil
}
