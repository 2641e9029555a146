package serializer

import (
	"encoding/base64"
	"strconv"
	"time"

	"github.com/djsession/djsession/internal/isodate"
)

// marked writes the value that is marked at text[i], which EncodePickle wrote, and returns where it ends.
func (p *pickler) marked(text string, i, depth int, kind Kind) (end int, err error) {
	if kind == Tuple || kind == Set {
		return p.items(text, i, depth, kind)
	}
	end, err = readLimits.scanScalar(text, i)
	if err != nil {
		return end, err
	}
	token := text[i:end]
	switch kind {
	case Bytes:
		b, err := base64.StdEncoding.DecodeString(unquote(token))
		p.sized(opShortBinBytes, opBinBytes, opBinBytes8, string(b))
		return end, err
	case Duration:
		n, err := strconv.ParseInt(token, 10, 64)
		p.duration(time.Duration(n))
		return end, err
	}
	t, aware, err := isodate.Parse(unquote(token))
	p.date(t, aware)
	return end, err
}

// items writes the array at text[i] as a tuple or a set.
func (p *pickler) items(text string, i, depth int, kind Kind) (end int, err error) {
	fill, inSet := byte(opTuple), p.inSet
	if kind == Set {
		if inSet {
			return i, errUnhashable
		}
		p.op(opEmptySet)
		fill, p.inSet = opAddItems, true
	}
	p.op(opMark)
	for i++; text[i] != ']'; {
		if i, err = p.json(text, i, depth+1); err != nil {
			return i, err
		}
		if text[i] == ',' {
			i++
		}
	}
	p.op(fill)
	p.inSet = inSet
	return i + 1, nil
}

// global writes a global. One that occurs more than once is written once.
func (p *pickler) global(module, name string) {
	if w := p.known("\xff" + module + "." + name); w != nil {
		p.str(module)
		p.str(name)
		p.op(opStackGlobal)
		w.n = p.memoize()
	}
}

// date writes a datetime.datetime, an aware one with a datetime.timezone.
func (p *pickler) date(t time.Time, aware bool) {
	micros := t.Nanosecond() / 1000
	p.global("datetime", "datetime")
	p.buf = append(p.buf, opShortBinBytes, 10, byte(t.Year()>>8), byte(t.Year()), byte(t.Month()), byte(t.Day()),
		byte(t.Hour()), byte(t.Minute()), byte(t.Second()), byte(micros>>16), byte(micros>>8), byte(micros))
	if !aware {
		p.buf = append(p.buf, opTuple1, opReduce)
		return
	}
	_, offset := t.Zone()
	p.global("datetime", "timezone")
	p.duration(time.Duration(offset) * time.Second)
	p.buf = append(p.buf, opTuple1, opReduce, opTuple2, opReduce)
}

// duration writes a datetime.timedelta, whose seconds and microseconds are not negative.
func (p *pickler) duration(d time.Duration) {
	micros := d.Microseconds()
	days := micros / (24 * 3600e6)
	if micros %= 24 * 3600e6; micros < 0 {
		days--
		micros += 24 * 3600e6
	}
	p.global("datetime", "timedelta")
	p.int(days)
	p.int(micros / 1e6)
	p.int(micros % 1e6)
	p.buf = append(p.buf, opTuple3, opReduce)
}
