package serializer

import (
	"slices"
	"strings"
)

// entry is one key of a Dict with its value: where they stand in the Dict's text
// or, if Go set the value, where among its own members; or a hole.
type entry struct {
	at  uint32 // place of the member in the text, of d.apart with isApart, or of d.own
	end uint32 // the value's end in the text, with isOdd; or one of the two below
}

const (
	ownMember = 1<<32 - 1 - iota // entry.end of what Go set
	hole                         // entry.end of what was deleted and still has its place

	isOdd   = 1 << 31 // in entry.end: the key is not spelled as it is
	isApart = 1 << 31 // in entry.at
	maxText = 1<<31 - 3
)

// apart says where a key stands whose value is that of a later member.
type apart struct{ key, member uint32 }

// member is a key with a value that Go set.
type member struct {
	key    string
	quoted string // how the key is spelled in the text; "" if it is not there
	value  Value
}

// members grow only: a loop that runs over older entries finds their keys still.
type members struct {
	list []member
	room [2]member // most requests set no more than a key or two
}

func (m *members) clone() *members {
	if m == nil {
		return nil
	}
	return &members{list: slices.Clone(m.list)}
}

// ownEntry returns the entry of a member that it adds to d's own.
func (d *Dict) ownEntry(m member) entry {
	if d.own == nil {
		d.own = new(members)
		d.own.list = d.own.room[:0]
	}
	d.own.list = append(d.own.list, m)
	return entry{at: uint32(len(d.own.list) - 1), end: ownMember}
}

// is reports whether e, which may be a hole, has this key.
func (d *Dict) is(e *entry, key string) bool {
	switch {
	case e.end == hole:
		return false
	case e.end == ownMember:
		return d.own.list[e.at].key == key
	case (e.at|e.end)&isOdd != 0:
		return d.key(e) == key
	}
	from := int(e.at) + 1
	to := from + len(key)
	return to < len(d.text) && d.text[to] == '"' && d.text[from:to] == key && strings.IndexByte(key, '"') < 0
}

// key returns the key of e, which is no hole.
func (d *Dict) key(e *entry) string {
	if e.end == ownMember {
		return d.own.list[e.at].key
	}
	return unquote(d.quoted(e))
}

// quoted returns the key of e as the text spells it, "" if it was never there.
func (d *Dict) quoted(e *entry) string {
	if e.end == ownMember {
		return d.own.list[e.at].quoted
	}
	at := e.at
	if at&isApart != 0 {
		at = d.apart[at&^isApart].key
	}
	return d.text[at:stringEnd(d.text, int(at))]
}

// value returns the value of e, which is no hole.
func (d *Dict) value(e *entry) Value {
	if e.end == ownMember {
		return d.own.list[e.at].value
	}
	at := e.at
	if at&isApart != 0 {
		at = d.apart[at&^isApart].member
	}
	return newValue(d.text[valueStart(d.text, int(at)):e.end&^isOdd], FormatJSON)
}

// replace puts the later of two members with the same key in the place of the first,
// whose spelling of the key stays.
func (d *Dict) replace(e *entry, later entry) {
	switch {
	case e.at&isApart != 0:
		d.apart[e.at&^isApart].member = later.at
	case d.quoted(e) == d.quoted(&later):
		e.at = later.at
	default:
		d.apart = append(d.apart, apart{e.at, later.at})
		e.at = isApart | uint32(len(d.apart)-1)
	}
	e.end = later.end&^isOdd | e.end&isOdd
}
