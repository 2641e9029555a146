package django

import "context"

// maxBlind is how often a conflict may show the version that was just refused:
// somebody may have written it back meanwhile, or a transaction's snapshot hides
// what is there now and always will.
const maxBlind = 3

// conflicts counts those in a row that showed no other version.
type conflicts int

// resolve puts d's changes on top of current, which the store says is there now, and
// returns nil if it is worth another try, else why not: err is the conflict. There is no
// back-off: every conflict means that some writer made progress.
func (c *conflicts) resolve(ctx context.Context, d *draft, current Record, err error) error {
	if current.Data == nil {
		return err // the store cannot show what is there now
	}
	warning, unreadable := d.session.site.readable(&current)
	d.session.site.warn(ctx, warning)
	if unreadable != nil {
		return unreadable
	}
	if current.Version != d.stored.Version {
		*c = 0
	} else if *c++; *c == maxBlind {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	d.rebase(current)
	return nil
}
