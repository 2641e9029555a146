package codec

import (
	"errors"
	"fmt"
	"slices"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/serializer"
)

// cheapest returns the one of the named variants with the lowest median.
func cheapest(row *measure.Row, names ...string) string {
	return slices.MinFunc(names, func(a, b string) int {
		if row.Find(a).Median() < row.Find(b).Median() {
			return -1
		}
		return 1
	})
}

// decode measures reading s, a text that Django wrote, and asking it for the user's id.
func (b *bench) decode(size string, againstDjango float64, s written) error {
	want, err := plainDecode(s.Text)
	if err != nil {
		return err
	}
	dict, err := serializer.JSON.Loads([]byte(s.JSON))
	if err != nil {
		return err
	}
	own, err := b.codec.Encode(b.ctx, dict)
	if err != nil {
		return err
	}
	id := func(text string) func() error {
		var id string // Decode has it on the heap
		return func() error {
			err := b.userID(text, &id)
			if err == nil && id != want["_auth_user_id"] {
				err = fmt.Errorf("the user's id is %q", id)
			}
			return err
		}
	}
	bare := func(f *floor) func() error {
		return func() error {
			data, err := f.decode(s.Text)
			if err == nil && len(data) != len(s.JSON) {
				err = errors.New("not what Django wrote")
			}
			return err
		}
	}
	byHand := func() error {
		session, err := plainDecode(s.Text)
		if err == nil && session["_auth_user_id"] != want["_auth_user_id"] {
			err = errors.New("not the user's id")
		}
		return err
	}
	tasks := []task{
		{ours, id(s.Text)}, {ownText, id(own)},
		{floorStd, bare(newFloor(standardReader))}, {floorKlau, bare(newFloor(klauspostReader))},
		{plain, byHand},
	}
	name := fmt.Sprintf("decode, verify, user id: %s, %d B", size, len(s.Text))
	row, err := b.time(name, append(ways(tasks), b.python.way(theirs, "decode", s.Text))...)
	if err != nil {
		return err
	}
	row.Goals = []measure.Goal{{Of: ours, Against: cheapest(row, floorStd, floorKlau), AtMost: 1.25}}
	if againstDjango > 0 {
		row.Goals = append(row.Goals, measure.Goal{Of: ours, Against: theirs, AtMost: againstDjango})
	}

	var goals []measure.Goal
	if againstDjango == 0 { // the login
		goals = []measure.Goal{{Of: ours, AtMost: 3}}
	}
	if err := b.allocations("decode, verify, user id: "+size, goals, tasks[0], tasks[4]); err != nil {
		return err
	}

	row, err = b.time("read by Django: "+size,
		b.python.way("written by djsession", "decode", own), b.python.way("written by Django", "decode", s.Text))
	if err == nil {
		row.Goals = []measure.Goal{{Of: "written by djsession", Against: "written by Django", AtMost: 1.1}}
	}
	return err
}

// userID decodes text and reads the user's id.
func (b *bench) userID(text string, id *string) error {
	d, err := b.codec.Decode(b.ctx, text)
	if err != nil {
		return err
	}
	value, _ := d.Get("_auth_user_id")
	return value.Decode(id)
}
