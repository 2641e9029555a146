package serializer

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"strconv"
	"unsafe"
)

// pickler writes a pickle of protocol 4 as Python's Pickler does, without frames.
type pickler struct {
	buf      []byte
	memoized uint32      // how many objects are in the memo
	limit    int         // how long buf may become; 0 is any length
	keys     [64]written // keys, and globals after a byte that no key has, each at the place of its hash
	text     []byte      // room to unquote
	marks    marks       // of the text that json writes
	inSet    bool        // json writes an element of a set

	g     *graph
	base  uint32 // what was written for this value has a node.written above it
	first uint32 // the first number in the memo of this value

	open  []ref // what is being written, the outermost first
	steps int   // back in open, to find cycles
}

var errUnhashable = errors.New("a set holds a list, a dict or a set")

const (
	proto4 = "\x80\x04"
	proto2 = "\x80\x02"
)

func (p *pickler) op(code byte) { p.buf = append(p.buf, code) }

// sized appends a text after its size, with the opcode for that size.
func (p *pickler) sized(short, medium, long byte, text string) {
	switch n := len(text); {
	case n <= math.MaxUint8:
		p.buf = append(p.buf, short, byte(n))
	case uint64(n) <= math.MaxUint32:
		p.buf = binary.LittleEndian.AppendUint32(append(p.buf, medium), uint32(n))
	default:
		p.buf = binary.LittleEndian.AppendUint64(append(p.buf, long), uint64(n))
	}
	p.buf = append(p.buf, text...)
}

func (p *pickler) str(s string) { p.sized(opShortBinUnicode, opBinUnicode, opBinUnicode8, s) }

func (p *pickler) float(f float64) {
	p.buf = binary.BigEndian.AppendUint64(append(p.buf, opBinFloat), math.Float64bits(f))
}

func (p *pickler) int(n int64) {
	switch {
	case 0 <= n && n <= math.MaxUint8:
		p.buf = append(p.buf, opBinInt1, byte(n))
	case 0 <= n && n <= math.MaxUint16:
		p.buf = append(p.buf, opBinInt2, byte(n), byte(n>>8))
	case int64(int32(n)) == n:
		p.buf = binary.LittleEndian.AppendUint32(append(p.buf, opBinInt), uint32(n))
	default:
		p.long(string(littleEndian(big.NewInt(n))))
	}
}

// long writes an int of little-endian bytes.
func (p *pickler) long(b string) {
	if len(b) <= math.MaxUint8 {
		p.buf = append(p.buf, opLong1, byte(len(b)))
	} else {
		p.buf = binary.LittleEndian.AppendUint32(append(p.buf, opLong4), uint32(len(b)))
	}
	p.buf = append(p.buf, b...)
}

// memoize gives the value that was written last a number, for get.
func (p *pickler) memoize() uint32 {
	p.op(opMemoize)
	p.memoized++
	return p.memoized - 1
}

func (p *pickler) get(n uint32) {
	if n <= math.MaxUint8 {
		p.buf = append(p.buf, opBinGet, byte(n))
	} else {
		p.buf = binary.LittleEndian.AppendUint32(append(p.buf, opLongBinGet), n)
	}
}

// json writes the value at text[i], which is valid JSON, and returns where it ends.
func (p *pickler) json(text string, i, depth int) (end int, err error) {
	if depth > maxWriteNesting {
		return i, ErrNesting
	}
	if m, ok := p.marks.at(i); ok {
		return p.marked(text, i, depth, m.kind)
	}
	switch c := text[i]; c {
	case '{', '[':
		return p.jsonContainer(text, i, depth)
	case '"':
		end, err = scanString(text, i)
		p.quoted(text[i:end])
		return end, err
	}
	end, err = writeLimits.scanScalar(text, i)
	if err != nil {
		return end, err
	}
	token := text[i:end]
	switch kindOf(token) {
	case Null:
		p.op(opNone)
	case Bool:
		if token == "true" {
			p.op(opNewTrue)
		} else {
			p.op(opNewFalse)
		}
	case Float:
		f := parseFloat(token)
		if math.IsNaN(f) { // Go's has other bits
			f = math.Float64frombits(pythonNaN)
		}
		p.float(f)
	default:
		err = p.integer(token)
	}
	return end, err
}

func (p *pickler) integer(token string) error {
	if n, err := strconv.ParseInt(token, 10, 64); err == nil {
		p.int(n)
		return nil
	}
	n, err := bigInteger(token)
	if err == nil {
		p.long(string(littleEndian(n)))
	}
	return err
}

func (p *pickler) jsonContainer(text string, i, depth int) (end int, err error) {
	empty, fill, closing := byte(opEmptyList), byte(opAppends), byte(']')
	if text[i] == '{' {
		empty, fill, closing = opEmptyDict, opSetItems, '}'
	}
	if p.inSet {
		return i, errUnhashable
	}
	p.op(empty)
	if i = skipSpace(text, i+1); text[i] == closing {
		return i + 1, nil
	}
	p.op(opMark)
	for {
		if closing == '}' {
			keyEnd, value, err := scanKey(text, i)
			if err != nil {
				return i, err
			}
			if _, isInt := p.marks.at(i); isInt {
				err = p.integer(text[i+1 : keyEnd-1])
			} else {
				p.key(text[i:keyEnd])
			}
			if err != nil {
				return i, err
			}
			i = value
		}
		if i, err = p.json(text, i, depth+1); err != nil {
			return i, err
		}
		i = skipSpace(text, i)
		if text[i] == closing {
			p.op(fill)
			return i + 1, nil
		}
		i = skipSpace(text, i+1)
	}
}

// quoted writes a str that is there in quotes.
func (p *pickler) quoted(quoted string) {
	if isPlain(quoted) {
		p.str(quoted[1 : len(quoted)-1])
		return
	}
	p.text = appendUnquoted(p.text[:0], quoted)
	p.sized(opShortBinUnicode, opBinUnicode, opBinUnicode8, unsafe.String(unsafe.SliceData(p.text), len(p.text)))
}

// written is a key or a global that has a number in the memo.
type written struct {
	text string
	n    uint32
}

// known writes a reference to text if it was written. Else it returns where to note its number.
func (p *pickler) known(text string) *written {
	n := len(text)
	w := &p.keys[0]
	if n > 0 {
		w = &p.keys[(n+7*int(text[0])+13*int(text[n/2])+31*int(text[n-1]))%len(p.keys)]
	}
	if w.text != text || n == 0 {
		w.text = text
		return w
	}
	p.get(w.n)
	return nil
}

// key writes a key of a dict. Most keys that occur more than once are written once, as Python does.
func (p *pickler) key(quoted string) {
	key := unquote(quoted)
	if w := p.known(key); w != nil {
		p.str(key)
		w.n = p.memoize()
	}
}
