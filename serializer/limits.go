package serializer

// limits are what a scan refuses beyond the grammar.
type limits struct {
	nesting int // arrays and objects within each other
	digits  int // of an integer; 0 is any number
}

var (
	readLimits = limits{nesting: maxScanNesting}
	// Python could not read what is beyond: its recursion limit is 1,000, the
	// frames of the program included, and sys.set_int_max_str_digits is 4,300.
	writeLimits = limits{nesting: maxWriteNesting, digits: maxDigits}
)

const (
	maxScanNesting   = 100_000 // of a text
	maxDecodeNesting = 10_000  // of what is decoded into Go values
	maxWriteNesting  = 500
	maxDigits        = 4300
	maxIndirections  = 10_000 // pointers and interfaces on the way to one value
)
