package serializer

import "time"

// Format is the encoding that a [Value] is in.
type Format uint8

// FormatJSON is the text that Django's JSONSerializer writes. It is the format of
// the zero Value and of all that [Encode] and [JSON] return.
const FormatJSON Format = 0

// String returns the format's name, "json" or "pickle".
func (f Format) String() string { return formats[f].name() }

// formatMethods is what a Value must know of its format.
type formatMethods interface {
	name() string
	kind(text string) Kind
	// decode is Value.DecodeIn.
	decode(text string, into any, zone *time.Location) error
}

// formats holds what each Format does.
var formats = []formatMethods{FormatJSON: jsonFormat{}, FormatPickle: pickleFormat{}}

type jsonFormat struct{}

func (jsonFormat) name() string { return "json" }

func (jsonFormat) kind(text string) Kind { return kindOf(text) }

func (jsonFormat) decode(text string, into any, zone *time.Location) error {
	return decodeText(text, into, zone)
}
