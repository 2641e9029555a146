package serializer

import (
	"errors"
	"reflect"
	"time"
	"unsafe"
)

// FormatPickle is the format of values that JSON cannot hold: a pickle of protocol 4 of the value alone.
const FormatPickle Format = 1

// Pickle is django.contrib.sessions.serializers.PickleSerializer, and what Django's caches
// store.
var Pickle Serializer = pickleSerializer{}

type pickleSerializer struct{}

var errNotDict = errors.New("the pickle does not hold a dict with str keys")

func (pickleSerializer) Dumps(d *Dict) ([]byte, error) {
	c := d.read()
	p := pickler{buf: append(make([]byte, 0, len(c.text)+64), proto4...)}
	p.op(opEmptyDict)
	if d.Len() > 0 {
		p.op(opMark)
	}
	for _, e := range c.entries {
		if e.key.from == isDeleted {
			continue
		}
		key := c.key(e)
		if !isWTF8(key) {
			return nil, errKey
		}
		p.str(key)
		if err := p.value(c.value(e)); err != nil {
			return nil, err
		}
	}
	if d.Len() > 0 {
		p.op(opSetItems)
	}
	return append(p.buf, opStop), nil
}

// Loads reads data in place: no Value refers to it.
func (pickleSerializer) Loads(data []byte) (*Dict, error) {
	u, err := unpickle(unsafe.String(unsafe.SliceData(data), len(data)))
	if err != nil {
		return nil, err
	}
	defer u.release()
	return u.graph.dict(u.root)
}

// value writes a value of either format.
func (p *pickler) value(v Value) error {
	switch v.format {
	case FormatJSON:
		_, err := p.json(v.text(), 0, 1)
		return err
	case FormatPickle:
		u, err := unpickle(v.text())
		if err != nil {
			return err
		}
		defer u.release()
		return p.graph(&u.graph, u.root)
	}
	return ErrFormat
}

type pickleFormat struct{}

func (pickleFormat) name() string { return "pickle" }

func (pickleFormat) kind(text string) Kind {
	u, err := unpickle(text)
	if err != nil {
		return Instance
	}
	defer u.release()
	text, m, _ := u.typed(u.root)
	if first, ok := m.at(0); ok {
		return first.kind
	}
	return kindOf(text)
}

func (pickleFormat) decode(pickle string, into any, zone *time.Location) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return &TargetError{reflect.TypeOf(into)}
	}
	u, err := unpickle(pickle)
	if err != nil {
		return err
	}
	defer u.release()
	text, m, err := u.typed(u.root)
	if err != nil {
		return &TypeError{Kind: Instance, Type: v.Type().Elem(), Err: err}
	}
	d := decoder{text: text, zone: zone, graph: &u.graph, marks: m}
	return d.value(v, infoOf(v.Type()))
}
