package hashers

import (
	"unicode/utf8"

	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/randomstring"
)

// soundSalt is the least number of characters that carry 128 bits, Django's salt_entropy.
const soundSalt = 22

// salts is how a version treats salts: from 3.2 on, new ones are longer, and shorter ones
// are outdated.
type salts struct{ sound bool }

func saltsOf(v djversion.Version) salts { return salts{sound: !v.Before(djversion.V3_2)} }

func (s salts) make() string {
	if s.sound {
		return randomstring.New(soundSalt)
	}
	return randomstring.New(12)
}

func (s salts) outdated(salt string) bool { return s.sound && utf8.RuneCountInString(salt) < soundSalt }
