package messages

import "github.com/djsession/djsession/internal/djversion"

// format is how a site's Django writes messages, and what it reads.
type format struct {
	version djversion.Version
	older   bool // Settings.ReadOlderFormats
}

// The cookie holds a hash and the JSON before 3.1, the signed JSON in 3.1, and since 3.2 an
// object as signing.dumps makes it.
func (f format) writesHash() bool { return f.version.Before(djversion.V3_1) }
func (f format) writesJSON() bool { return !f.writesHash() && f.version.Before(djversion.V3_2) }
func (f format) readsHash() bool  { return f.version.Before(djversion.V4_0) || f.older }
func (f format) readsJSON() bool {
	return !f.writesHash() && (f.version.Before(djversion.V4_1) || f.older)
}
func (f format) readsObjects() bool { return !f.version.Before(djversion.V3_2) }
func (f format) readsSHA1() bool    { return f.version.Before(djversion.V4_0) || f.older }

// spaced reports whether the session's JSON has a space after each comma.
func (f format) spaced() bool { return !f.version.Before(djversion.V3_2) }

// keepsEmptyTags reports whether empty extra tags are written.
func (f format) keepsEmptyTags() bool { return !f.version.Before(djversion.V4_1) }
