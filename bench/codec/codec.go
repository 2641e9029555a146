// Package codec measures what reading and writing a session's text costs, and what the
// middleware costs a request that uses no stored session.
package codec

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/djsession/djsession/bench/measure"
	"github.com/djsession/djsession/django"
)

const (
	suite     = "codec"
	secretKey = "a-secret-key-of-a-usual-length-0123456789abcdefgh"

	ours      = "djsession"
	ownText   = "djsession, a text of its own"
	theirs    = "Django"
	floorStd  = "floor, compress/zlib"
	floorKlau = "floor, klauspost/compress"
	plain     = "plain Go"
)

// sizes name the sessions that samples in django.py returns, with the bounds of djsession /
// Django for decoding each; 0 is none.
var sizes = []struct {
	name   string
	atMost float64
}{{"login", 0}, {"cart of 20 lines", 0.3}, {"cart of 2,000 lines", 0.2}}

// bench is what the rows share.
type bench struct {
	*measure.Env
	ctx    context.Context
	python *python
	codec  *django.Codec
	rows   []measure.Row
}

// Suite measures the codec.
func Suite(ctx context.Context, env *measure.Env) (_ []measure.Row, err error) {
	settings := django.DefaultSettings()
	settings.SecretKey, settings.DjangoVersion, settings.UseTZ = secretKey, env.Django.Version, new(true)
	b := &bench{Env: env, ctx: ctx}
	if b.codec, err = django.NewCodec(settings, nil); err != nil {
		return nil, err
	}
	if b.python, err = startPython(ctx, env.Django); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.python.close()) }()

	var samples []written
	if err := b.python.call(&samples, "samples"); err != nil {
		return nil, err
	}
	for i, s := range samples {
		if err := b.decode(sizes[i].name, sizes[i].atMost, s); err != nil {
			return nil, fmt.Errorf("decode, %s: %w", sizes[i].name, err)
		}
	}
	for i, s := range samples {
		if err := b.encode(sizes[i].name, s); err != nil {
			return nil, fmt.Errorf("encode, %s: %w", sizes[i].name, err)
		}
	}
	if err := b.storedSize(); err != nil {
		return nil, err
	}
	return b.rows, b.anonymous(settings)
}

// time measures a row of ways.
func (b *bench) time(name string, ways ...measure.Way) (*measure.Row, error) {
	rounds, lasting := b.Rounds()
	variants, err := measure.Interleave(b.ctx, rounds, lasting, ways...)
	b.rows = append(b.rows, measure.Row{Suite: suite, Name: name, Unit: "µs", Variants: variants})
	return &b.rows[len(b.rows)-1], err
}

// allocations adds a row of how often each task allocates.
func (b *bench) allocations(name string, goals []measure.Goal, tasks ...task) error {
	row := measure.Row{Suite: suite, Name: name, Unit: "allocs", Goals: goals}
	times := 100
	if b.Quick {
		times = 5
	}
	for _, t := range tasks {
		v := measure.Variant{Name: t.name}
		var err error
		for range 3 {
			// A pool that a garbage collection emptied is not a cost of every call: the
			// average is rounded down.
			v.Rounds = append(v.Rounds, testing.AllocsPerRun(times, func() { err = errors.Join(err, t.do()) }))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		row.Variants = append(row.Variants, v)
	}
	b.rows = append(b.rows, row)
	return nil
}

// task is a way to do something in this process.
type task struct {
	name string
	do   func() error
}

func ways(tasks []task) (ways []measure.Way) {
	for _, t := range tasks {
		ways = append(ways, measure.InProcess(t.name, t.do))
	}
	return ways
}
