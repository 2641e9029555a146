package serializer

import (
	"errors"
	"reflect"
	"time"
	"unsafe"
)

// FormatPickle is the format of a value that only a pickled session can hold: a pickle of
// protocol 4 of the value alone.
const FormatPickle Format = 1

// Pickle is django.contrib.sessions.serializers.PickleSerializer, and what Django's caches
// store.
//
// Loads reads what Python 3 reads, of protocols 0 to 5, those of Python 2 included if their
// strings are ASCII. It never imports or calls anything. What JSON can hold becomes a Value in
// [FormatJSON], in the text that json.dumps would write. Any other value, such as one with a
// date, a tuple or an object of a class, becomes a Value in [FormatPickle], which Dumps writes
// back with all that it refers to, whether [Value.Decode] can read it or not.
//
// Dumps writes protocol 4, which every Python 3 reads and Python 2 does not. Within the value
// of a key, what was one object stays one object. An object under two keys becomes two equal
// objects.
//
// The error of Loads is a [*PickleError] for what is no pickle, refers to what is stored
// elsewhere, or calls a function for its effect; [ErrNesting] for more than 5,000 levels; and
// another one for a pickle that is not a dict with str keys, contains itself, has objects under
// several keys that contain each other (before protocol 4, also a set that contains itself), or
// has more than 524,288 objects.
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
		if err := p.member(c.value(e)); err != nil {
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
	if u.nodes[u.root].shared { // each key would have a copy of the session
		return nil, errCycle
	}
	return u.graph.dict(u.root)
}

// member writes a value of either format.
func (p *pickler) member(v Value) error {
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
