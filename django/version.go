package django

import (
	"fmt"
	"strconv"
	"strings"
)

// A Format is one of the ways in which Django has written session data.
type Format int

const (
	// FormatDefault is the format that Settings.DjangoVersion writes by itself.
	FormatDefault Format = iota
	// FormatModern is written since Django 3.1: signing.dumps with SHA-256.
	FormatModern
	// FormatPre31 is written by Django before 3.1, and by 3.1 and 3.2 under
	// DEFAULT_HASHING_ALGORITHM = "sha1": base64 of an HMAC-SHA1 and the JSON.
	// Django 4.0 and later cannot read it.
	FormatPre31
)

// version is a Django feature release.
type version struct{ major, minor int }

var (
	version2_2    = version{2, 2}
	version3_1    = version{3, 1}
	version3_2    = version{3, 2}
	version4_0    = version{4, 0}
	version4_1    = version{4, 1}
	versionNewest = version{6, 1}
)

func parseVersion(s string) (version, error) {
	if s == "" {
		return versionNewest, nil
	}
	major, rest, _ := strings.Cut(s, ".")
	minor, _, _ := strings.Cut(rest, ".")
	x, errX := strconv.Atoi(major)
	y, errY := strconv.Atoi(minor)
	if errX != nil || errY != nil {
		return version{}, settingError("DjangoVersion", fmt.Sprintf("%q is not a Django version such as \"5.2\"", s))
	}
	v := version{x, y}
	if v.before(version2_2) {
		return version{}, settingError("DjangoVersion", fmt.Sprintf("%s is older than 2.2, the oldest that is supported", v))
	}
	return v, nil
}

func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

func (v version) before(w version) bool {
	return v.major < w.major || v.major == w.major && v.minor < w.minor
}

// writeFormat resolves the wanted format to one that this version can read.
func (v version) writeFormat(want Format) (Format, error) {
	switch want {
	case FormatDefault:
		if v.before(version3_1) {
			return FormatPre31, nil
		}
		return FormatModern, nil
	case FormatModern:
		if v.before(version3_1) {
			return 0, settingError("SessionFormat", fmt.Sprintf("must be FormatPre31: Django %s cannot read the format of 3.1 and later", v))
		}
		return want, nil
	case FormatPre31:
		if !v.before(version4_0) {
			return 0, settingError("SessionFormat", fmt.Sprintf("must be FormatModern: Django %s cannot read the format before 3.1", v))
		}
		return want, nil
	}
	return 0, settingError("SessionFormat", "is not one of FormatDefault, FormatModern and FormatPre31")
}

// readsModern, readsModernSHA1 and readsPre31 say which formats this version
// accepts.
func (v version) readsModern() bool     { return !v.before(version3_1) }
func (v version) readsModernSHA1() bool { return v.readsModern() && v.before(version4_0) }
func (v version) readsPre31() bool      { return v.before(version4_0) }

// readsDates says whether a session in JSON can hold a date as its expiry.
func (v version) readsDates() bool { return !v.before(version4_1) }
