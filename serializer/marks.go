package serializer

import "slices"

// marks say which Python values stand at some places of a JSON text, in the text's order: those that JSON has no form for, and
// all containers. The text then holds a substitute: the ISO form of a date, the base64 of bytes, the nanoseconds of a
// duration, an array for a tuple or a set, a string for an int as a key, null for what has no form in Go.
type marks []mark

type mark struct {
	at   int
	kind Kind
	ref  ref // the value, in what was read from a pickle
}

// at returns what stands at text[i], and whether that is marked.
func (m marks) at(i int) (mark, bool) {
	n, ok := slices.BinarySearchFunc(m, i, func(m mark, i int) int { return m.at - i })
	if !ok {
		return mark{}, false
	}
	return m[n], true
}

// hide reports whether the text from one place to another lacks a value, or has bytes or a duration, which a reader of JSON would
// take for something else.
func (m marks) hide(text string, from, to int) bool {
	n, _ := slices.BinarySearchFunc(m, from, func(m mark, i int) int { return m.at - i })
	for ; n < len(m) && m[n].at < to; n++ {
		if k := m[n].kind; k == Bytes || k == Duration || k == Instance && text[m[n].at] == 'n' {
			return true
		}
	}
	return false
}
