package codec

import (
	"errors"
	"fmt"
	"strings"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/serializer"
)

// encode measures writing the session of s after one key was set.
func (b *bench) encode(size string, s written) error {
	dict, err := b.codec.Decode(b.ctx, s.Text)
	if err != nil {
		return err
	}
	session, err := plainDecode(s.Text)
	if err != nil {
		return err
	}
	var values [2]serializer.Value
	for i := range values {
		if values[i], err = serializer.Encode(i); err != nil {
			return err
		}
	}
	changed := []byte(strings.TrimSuffix(s.JSON, "}") + `,"seen":0}`)
	floor, calls := newFloor(klauspostReader), 0
	var read string
	if err := b.python.call(&read, "payload", floor.encode(changed)); err != nil || read != string(changed) {
		return errors.Join(err, errors.New("the session that Django reads is not the one that the floor wrote"))
	}
	check := func(text string, err error) error {
		if err == nil && len(text) < 100 {
			err = errors.New("the text is too short")
		}
		return err
	}
	tasks := []task{
		{ours, func() error {
			calls++
			dict.Set("seen", values[calls&1])
			return check(b.codec.Encode(b.ctx, dict))
		}},
		{floorKlau, func() error {
			calls++
			changed[len(changed)-2] = '0' + byte(calls&1)
			return check(floor.encode(changed), nil)
		}},
		{plain, func() error {
			calls++
			session["seen"] = calls & 1
			return check(plainEncode(session))
		}},
	}
	name := "encode after one change: " + size
	row, err := b.time(name, append(ways(tasks), b.python.way(theirs, "encode", s.JSON))...)
	if err != nil {
		return err
	}
	row.Goals = []measure.Goal{{Of: ours, Against: theirs, AtMost: 0.25}}
	if err := b.allocations(name, []measure.Goal{{Of: ours, AtMost: 4}}, tasks[0], tasks[2]); err != nil {
		return err
	}
	return b.stored("stored size: "+size, [][]written{{s}})
}

// storedSize measures the texts of sessions of all kinds.
func (b *bench) storedSize() error {
	rounds, each := 10, 40
	if b.Quick {
		each = 2
	}
	var all []written
	if err := b.python.call(&all, "visitors", rounds*each); err != nil {
		return err
	}
	batches := make([][]written, rounds)
	for i, s := range all {
		batches[i%rounds] = append(batches[i%rounds], s)
	}
	return b.stored(fmt.Sprintf("stored size: %d random sessions, %d at a time", len(all), each), batches)
}

// stored adds a row of how long the texts of each batch are, which Django has to read.
func (b *bench) stored(name string, batches [][]written) error {
	row := measure.Row{Suite: suite, Name: name, Unit: "B", Goals: []measure.Goal{{Of: ours, Against: theirs, AtMost: 1.03}}}
	own, django, bare := measure.Variant{Name: ours}, measure.Variant{Name: theirs}, measure.Variant{Name: floorKlau}
	floor := newFloor(klauspostReader)
	for _, batch := range batches {
		var sizes [3]int
		for _, s := range batch {
			dict, err := serializer.JSON.Loads([]byte(s.JSON))
			if err != nil {
				return err
			}
			text, err := b.codec.Encode(b.ctx, dict)
			if err != nil {
				return err
			}
			var read string
			if err := b.python.call(&read, "payload", text); err != nil {
				return err
			}
			if read != s.JSON {
				return errors.New("the session that Django reads is not the one that it wrote")
			}
			sizes[0] += len(text)
			sizes[1] += len(s.Text)
			sizes[2] += min(len(floor.encode([]byte(s.JSON))), len(text)) // small ones are not compressed
		}
		own.Rounds = append(own.Rounds, float64(sizes[0]))
		django.Rounds = append(django.Rounds, float64(sizes[1]))
		bare.Rounds = append(bare.Rounds, float64(sizes[2]))
	}
	row.Variants = []measure.Variant{own, django, bare}
	b.rows = append(b.rows, row)
	return nil
}
