package pyliteral

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxDepth bounds how deep values are nested.
const maxDepth = 100

// Parse returns the value that text, the output of repr, stands for. Its errors name a column
// and do not quote the text.
func Parse(text string) (Value, error) {
	p := parser{text: text}
	if text := strings.TrimSpace(text); strings.HasPrefix(text, "<") && strings.HasSuffix(text, ">") {
		return Opaque{}, nil
	}
	v, err := p.value(0)
	if err == nil {
		p.blanks()
		if p.at < len(p.text) {
			err = errors.New("text after the value")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("column %d: %w", p.at+1, err)
	}
	return v, nil
}

type parser struct {
	text string
	at   int
}

var errEnd = errors.New("the value is cut off")

func (p *parser) blanks() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// next returns the next byte that is not blank, or 0 at the end.
func (p *parser) next() byte {
	p.blanks()
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// take skips c if it comes next.
func (p *parser) take(c byte) bool {
	if p.next() != c {
		return false
	}
	p.at++
	return true
}

func (p *parser) value(depth int) (Value, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	switch c := p.next(); {
	case c == 0:
		return nil, errEnd
	case c == '\'' || c == '"':
		return p.str()
	case c == '[':
		p.at++
		return p.list(']', depth)
	case c == '(':
		p.at++
		return p.list(')', depth)
	case c == '{':
		p.at++
		return p.dict(depth)
	case c == '<':
		return Opaque{}, p.angle()
	case isDigit(c) || c == '-' || c == '+' || c == '.':
		return p.number()
	case isLetter(c):
		return p.word(depth)
	}
	return nil, errors.New("this is not a value of Python's")
}

// list reads up to the closing bracket.
func (p *parser) list(closing byte, depth int) (Value, error) {
	list := List{}
	for !p.take(closing) {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if !p.take(',') && p.next() != closing {
			return nil, p.unexpected()
		}
	}
	return list, nil
}

// dict reads a dict or a set up to the closing brace.
func (p *parser) dict(depth int) (Value, error) {
	dict, set := Dict{}, List{}
	for !p.take('}') {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if p.take(':') {
			item, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			dict = append(dict, Pair{v, item})
		} else {
			set = append(set, v)
		}
		if !p.take(',') && p.next() != '}' {
			return nil, p.unexpected()
		}
	}
	switch {
	case len(set) == 0:
		return dict, nil
	case len(dict) == 0:
		return sortedSet(set), nil
	}
	return nil, errors.New("a dict with an item that has no value")
}

// sortedSet returns a set of texts in order: Python's order differs at each start.
func sortedSet(set List) List {
	slices.SortStableFunc(set, func(a, b Value) int {
		x, _ := a.(string)
		y, _ := b.(string)
		return strings.Compare(x, y)
	})
	return set
}

func (p *parser) unexpected() error {
	if p.next() == 0 {
		return errEnd
	}
	return errors.New("a comma or a closing bracket is missing")
}

// angle skips the repr of an object: <function f at 0x7f…>.
func (p *parser) angle() error {
	for depth := 0; p.at < len(p.text); p.at++ {
		switch p.text[p.at] {
		case '\'', '"':
			start := p.at
			if _, err := p.str(); err != nil {
				p.at = start + 1 // an apostrophe: <Shop: Ann's>
			}
			p.at--
		case '<':
			depth++
		case '>':
			if depth--; depth == 0 {
				p.at++
				return nil
			}
		}
	}
	return errEnd
}

func (p *parser) number() (Value, error) {
	start := p.at
	for p.at < len(p.text) && (isDigit(p.text[p.at]) || isLetter(p.text[p.at]) || strings.IndexByte("+-.", p.text[p.at]) >= 0) {
		p.at++
	}
	text := p.text[start:p.at]
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	if text == "-inf" {
		return math.Inf(-1), nil
	}
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return Opaque{}, nil // a complex number, for example
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return nil, errors.New("this is not a number")
	case strings.Trim(text, "0123456789+-") == "": // an integer of more than 64 bits
		return Opaque{}, nil
	}
	return f, nil
}

var constants = map[string]Value{"None": nil, "True": true, "False": false, "inf": math.Inf(1), "nan": math.NaN()}

// word reads what begins with a name: a constant, bytes, or a call, such as PosixPath('/a').
func (p *parser) word(depth int) (Value, error) {
	start := p.at
	for p.at < len(p.text) && (isLetter(p.text[p.at]) || isDigit(p.text[p.at]) || p.text[p.at] == '.') {
		p.at++
	}
	name := p.text[start:p.at]
	if p.at < len(p.text) && (p.text[p.at] == '\'' || p.text[p.at] == '"') {
		if name != "b" {
			return nil, errors.New("this prefix of a string is not one that repr writes")
		}
		return p.bytes()
	}
	if v, ok := constants[name]; ok {
		return v, nil
	}
	if !p.take('(') {
		if p.next() == 0 && !strings.Contains(name, ".") {
			return nil, errEnd
		}
		return Opaque{}, nil
	}
	arguments, err := p.arguments(depth)
	if err != nil {
		return nil, err
	}
	return call(name, arguments), nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c >= 0x80
}
