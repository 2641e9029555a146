// Package storetest checks that a django.Store keeps its contract, whatever it keeps
// sessions in.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) django.Store { return newStore(t) })
//	}
package storetest

import (
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

// Run checks the store that open returns, with one subtest for each promise of the
// contract. It logs the capabilities that the store claims, checks each of them, and
// names the checks that do not apply to such a store. It also saves sessions while it
// injects faults, such as a write whose outcome is unknown.
//
// open is called once per subtest and may return a store that holds other sessions;
// expired ones may be removed.
func Run(t *testing.T, open func(t *testing.T) django.Store) {
	caps := open(t).Capabilities()
	t.Logf("the store claims %+v", caps)
	for _, c := range []struct {
		name    string
		check   func(*suite)
		applies bool
	}{
		{"Absent", absent, true},
		{"ImpossibleKeys", impossibleKeys, true},
		{"Lossless", lossless, true},
		{"Format", format, true},
		{"Empty", empty, true},
		{"NothingIsShared", nothingIsShared, true},
		{"Expiry", expiry, true},
		{"ClearExpired", clearExpired, true},
		{"Cancelled", cancelled, true},
		{"Replace", replace, true},
		{"ReplaceByTheSame", replaceByTheSame, true},
		{"Touch", touch, true},
		{"FailedWrite", failedWrite, true},
		{"UnknownOutcome", unknownOutcome, true},

		{"ExpiredKey", expiredKey, !caps.ChoosesKeys && !caps.Expires},
		{"ConflictOverExpired", conflictOverExpired, !caps.ChoosesKeys && !caps.Expires},
		{"ExpiresByItself", expiresByItself, !caps.ChoosesKeys && caps.Expires},
		{"ChosenKeys", chosenKeys, caps.ChoosesKeys},
		{"Merge", merge, caps.Merges},
		{"NoMerge", noMerge, !caps.ChoosesKeys && !caps.Merges},

		{"KeyTaken", keyTaken, !caps.ChoosesKeys},
		{"Conflict", conflict, !caps.ChoosesKeys},
		{"SameTwice", sameTwice, !caps.ChoosesKeys},
		{"Gone", gone, !caps.ChoosesKeys},
		{"Delete", remove, !caps.ChoosesKeys},
		{"Move", move, !caps.ChoosesKeys},
		{"MoveConflict", moveConflict, !caps.ChoosesKeys},
		{"MoveOntoTaken", moveOntoTaken, !caps.ChoosesKeys},
		{"MoveNeverMissing", moveNeverMissing, !caps.ChoosesKeys},
		{"OneCreates", oneCreates, !caps.ChoosesKeys},
		{"OneReplaces", oneReplaces, !caps.ChoosesKeys},
		{"Counter", counter, !caps.ChoosesKeys},
		{"GoneForGood", goneForGood, !caps.ChoosesKeys},
	} {
		if !c.applies {
			t.Logf("%s does not apply to such a store", c.name)
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			c.check(&suite{T: t, store: open(t), caps: caps, now: time.Now().UTC().Truncate(time.Second)})
		})
	}
}
