package pyliteral

import "strings"

// arguments reads the arguments of a call, up to the closing bracket. Keywords are dropped.
func (p *parser) arguments(depth int) (list List, err error) {
	for !p.take(')') {
		p.blanks()
		if name := strings.TrimLeft(p.text[p.at:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"); strings.HasPrefix(name, "=") {
			p.at = len(p.text) - len(name) + 1
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if !p.take(',') && p.next() != ')' {
			return nil, p.unexpected()
		}
	}
	return list, nil
}

// call returns what a call makes, as far as its type is known.
func call(name string, arguments List) Value {
	name = name[strings.LastIndexByte(name, '.')+1:]
	switch name {
	case "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath", "Path":
		if len(arguments) == 1 {
			if text, ok := arguments[0].(string); ok {
				return text
			}
		}
	case "set", "frozenset":
		if len(arguments) == 0 {
			return List{}
		}
		if list, ok := arguments[0].(List); ok && len(arguments) == 1 {
			return list
		}
	case "OrderedDict":
		if len(arguments) == 0 {
			return Dict{}
		}
		return orderedDict(arguments[0])
	}
	return Opaque{}
}

func orderedDict(v Value) Value {
	list, ok := v.(List)
	if !ok {
		if dict, ok := v.(Dict); ok { // since Python 3.12
			return dict
		}
		return Opaque{}
	}
	dict := Dict{}
	for _, item := range list {
		pair, ok := item.(List)
		if !ok || len(pair) != 2 {
			return Opaque{}
		}
		dict = append(dict, Pair{pair[0], pair[1]})
	}
	return dict
}
