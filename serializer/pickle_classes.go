package serializer

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// instance is an object of which graph knows the class and how it was made.
type instance struct {
	class string // with its module, by the names of Python 3
	args  []ref
}

// instance returns what is known of an object.
func (g *graph) instance(r ref) (i instance, ok bool) {
	n := &g.nodes[r]
	if n.kind != nodeReduce && n.kind != nodeNewObj {
		return i, false
	}
	parts := g.parts(r)
	class, args := parts[0], g.parts(parts[1])
	i = instance{g.globalName(class), args}
	switch {
	case i.class == "copyreg._reconstructor" && len(args) == 3: // protocols 0 and 1
		return instance{g.globalName(args[0]), args[2:]}, true
	case g.nodes[class].kind == nodeReduce: // getattr(zoneinfo.ZoneInfo, "_unpickle")
		call := g.parts(class)
		if get := g.parts(call[1]); g.globalName(call[0]) == "builtins.getattr" && len(get) == 2 {
			i.class = g.globalName(get[0]) + "." + g.textOf(get[1], nodeStr)
		}
	}
	return i, i.class != ""
}

// globalName returns the name of a global with its module, or "".
func (g *graph) globalName(r ref) string {
	if g.nodes[r].kind != nodeGlobal {
		return ""
	}
	parts := g.parts(r)
	module := g.bytes(parts[0])
	switch {
	case module == "__builtin__":
		module = "builtins"
	case module == "copy_reg":
		module = "copyreg"
	}
	return module + "." + g.bytes(parts[1])
}

// arg returns an argument, or None if there is none.
func (i instance) arg(n int) ref {
	if n < len(i.args) {
		return i.args[n]
	}
	return refNone
}

// text returns the bytes of a str or a bytes, or "".
func (g *graph) textOf(r ref, kind nodeKind) string {
	if g.nodes[r].kind != kind {
		return ""
	}
	return g.bytes(r)
}

// uuid returns the text of a uuid.UUID, whose state is a dict with "int" and perhaps "is_safe".
func (t *texter) uuid(r ref) (text string, ok bool) {
	g, state := t.g, t.added(r, opBuild)
	if len(state) != 1 || g.nodes[state[0]].kind != nodeDict {
		return "", false
	}
	items := t.added(state[0], opSetItems)
	if len(items) == 0 || g.textOf(items[0], nodeStr) != "int" || g.nodes[items[1]].kind != nodeInt && g.nodes[items[1]].kind != nodeLong {
		return "", false
	}
	n := g.long(items[1])
	if n.Sign() < 0 || n.BitLen() > 128 {
		return "", false
	}
	h := hex.EncodeToString(n.FillBytes(make([]byte, 16)))
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-"), true
}

// duration returns a datetime.timedelta, if a time.Duration can hold it.
func (g *graph) duration(r ref) (d time.Duration, ok bool) {
	i, ok := g.instance(r)
	if !ok || i.class != "datetime.timedelta" {
		return 0, false
	}
	const most = 290 * 365 // days, of a time.Duration
	for n, unit := range []time.Duration{24 * time.Hour, time.Second, time.Microsecond} {
		v, ok := g.integer(i.arg(n))
		if n < len(i.args) && (!ok || v > int64(most*24*time.Hour/unit) || v < -int64(most*24*time.Hour/unit)) {
			return 0, false
		}
		if n > 0 && (v < 0 || v >= int64([]time.Duration{24 * time.Hour, time.Second}[n-1]/unit)) {
			return 0, false
		}
		d += time.Duration(v) * unit
	}
	return d, true
}

// setItems returns the elements of a set or a frozenset.
func (t *texter) setItems(r ref) ([]ref, bool) {
	switch t.g.nodes[r].kind {
	case nodeFrozenset:
		return t.count(t.g.parts(r)), true
	case nodeSet:
		return t.added(r, opAddItems), true
	}
	i, ok := t.g.instance(r)
	if !ok || i.class != "builtins.set" && i.class != "builtins.frozenset" {
		return nil, false
	}
	return t.sequence(i.arg(0))
}

// count makes what is looked at count as text, so that objects that are referred to again and again take no more time than
// they may take memory.
func (t *texter) count(items []ref) []ref {
	t.limit -= len(items)
	return items
}

// sequence returns the elements of a list or a tuple. None has none.
func (t *texter) sequence(r ref) ([]ref, bool) {
	switch t.g.nodes[r].kind {
	case nodeNone:
		return nil, true
	case nodeTuple:
		return t.count(t.g.parts(r)), true
	case nodeList:
		return t.added(r, opAppends), true
	}
	return nil, false
}

// added returns what was added to a list, a set, a dict or an object with operations of this code.
func (t *texter) added(r ref, code byte) (items []ref) {
	for c, args := range t.g.operations(r) {
		switch {
		case c != code:
		case items == nil:
			items = args[:len(args):len(args)] // no copy in the usual case
		default:
			items = append(items, args...)
		}
	}
	return t.count(items)
}

// dictItems returns the keys and values of a dict of Python's own classes.
func (t *texter) dictItems(r ref) ([]ref, bool) {
	if t.g.nodes[r].kind == nodeDict {
		return t.added(r, opSetItems), true
	}
	i, ok := t.g.instance(r)
	if !ok {
		return nil, false
	}
	switch i.class {
	case "collections.defaultdict":
		return t.added(r, opSetItems), true
	case "collections.Counter":
		if len(i.args) == 0 {
			return t.added(r, opSetItems), true
		}
		return t.dictItems(i.args[0])
	case "collections.OrderedDict":
		pairs, ok := t.sequence(i.arg(0)) // Python 2 has a list of lists there
		var items []ref
		for _, pair := range pairs {
			kv, isPair := t.sequence(pair)
			items, ok = append(items, kv...), ok && isPair && len(kv) == 2
		}
		return slices.Concat(items, t.added(r, opSetItems)), ok
	}
	return nil, false
}
