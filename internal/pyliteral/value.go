// Package pyliteral reads what Python's repr writes for the values of settings: None, numbers,
// strings, bytes, lists, tuples, sets, dicts and paths. Anything else is an Opaque.
package pyliteral

// Value is one of nil, bool, int64, float64, string, Bytes, List, Dict and Opaque.
type Value any

// Bytes is a bytes object.
type Bytes string

// List is a list, a tuple or a set, whose texts are sorted.
type List []Value

// Pair is an item of a Dict.
type Pair struct{ Key, Value Value }

// Dict is a dict, in its order.
type Dict []Pair

// Get returns the value of a string key, and whether there is one.
func (d Dict) Get(key string) (Value, bool) {
	for _, p := range d {
		if p.Key == key {
			return p.Value, true
		}
	}
	return nil, false
}

// Opaque is a value that repr does not write as a literal, such as a function. It does not
// hold the text, which may be secret.
type Opaque struct{}
