package django

import (
	"fmt"

	"github.com/djsession/djsession/internal/djversion"
)

// A Format is one of the ways in which Django has written session data.
type Format int

const (
	// FormatDefault is the format that Settings.DjangoVersion writes by itself.
	FormatDefault Format = iota
	// FormatModern is written since Django 3.1: signing.dumps with SHA-256.
	FormatModern
	// FormatPre31 is written by Django before 3.1, and by 3.1 and 3.2 under
	// DEFAULT_HASHING_ALGORITHM = "sha1": base64 of an HMAC-SHA1 and the JSON. Django 4.0
	// and later cannot read it.
	FormatPre31
)

// version is a Django feature release and its session formats.
type version struct{ djversion.Version }

// writeFormat resolves the wanted format to one that this version can read.
func (v version) writeFormat(want Format) (Format, error) {
	switch {
	case want == FormatDefault && !v.readsModern():
		return FormatPre31, nil
	case want == FormatDefault, want == FormatModern && v.readsModern():
		return FormatModern, nil
	case want == FormatPre31 && v.readsPre31():
		return FormatPre31, nil
	case want == FormatModern:
		return 0, settingError("SessionFormat", fmt.Sprintf("must be FormatPre31: Django %s cannot read the format of 3.1 and later", v))
	case want == FormatPre31:
		return 0, settingError("SessionFormat", fmt.Sprintf("must be FormatModern: Django %s cannot read the format before 3.1", v))
	}
	return 0, settingError("SessionFormat", "is not one of FormatDefault, FormatModern and FormatPre31")
}

// readsModern, readsModernSHA1 and readsPre31 report which formats this version accepts.
func (v version) readsModern() bool     { return !v.Before(djversion.V3_1) }
func (v version) readsModernSHA1() bool { return v.readsModern() && v.Before(djversion.V4_0) }
func (v version) readsPre31() bool      { return v.Before(djversion.V4_0) }

// readsFallbacks reports whether this version has SECRET_KEY_FALLBACKS.
func (v version) readsFallbacks() bool { return !v.Before(djversion.V4_1) }

// hasPickle reports whether this version has the PickleSerializer.
func (v version) hasPickle() bool { return v.Before(djversion.V5_0) }

// readsDates reports whether a session can hold the ISO text of a date as its expiry. Before,
// only a pickled one can hold a date, as a datetime.
func (v version) readsDates() bool { return !v.Before(djversion.V4_1) }
