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
	Object
)

var kindNames = [...]string{"null", "bool", "int", "float", "string", "array", "object"}

// String returns "null", "bool", "int", "float", "string", "array" or "object".
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
