package serializer

// Kind is the type that a value has in Python.
type Kind uint8

// The kinds. A number is an Int or a Float by how it is written: 1 is an Int;
// 1.0, 1e5, NaN and Infinity are Floats.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	Array
	Object   // a dict
	Tuple    // this and the kinds below are in pickled sessions only
	Set      // a set or a frozenset
	Bytes    // a bytes or a bytearray
	Date     // a datetime.datetime or a datetime.date
	Duration // a datetime.timedelta
	Instance // of any other class
)

var kindNames = [...]string{"null", "bool", "int", "float", "string", "array", "object", "tuple", "set", "bytes", "date", "duration", "instance"}

// String returns the kind's name in lower case, "null" to "instance".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// kindOf returns the kind of the valid JSON value that begins at text[0]. An empty
// text is Null.
func kindOf(text string) Kind {
	if text == "" {
		return Null
	}
	switch text[0] {
	case 'n':
		return Null
	case 't', 'f':
		return Bool
	case '"':
		return String
	case '[':
		return Array
	case '{':
		return Object
	case 'N', 'I':
		return Float
	}
	if _, float := scanNumber(text, 0); float {
		return Float
	}
	return Int
}
