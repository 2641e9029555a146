package pyliteral_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/pyliteral"
)

type (
	list = pyliteral.List
	dict = pyliteral.Dict
	pair = pyliteral.Pair
)

func TestParse(t *testing.T) {
	opaque := pyliteral.Opaque{}
	for text, want := range map[string]pyliteral.Value{
		`None`: nil, `True`: true, ` False `: false,
		`0`: int64(0), `-17`: int64(-17), `9223372036854775808`: opaque, `1.5`: 1.5, `1e+16`: 1e16, `-2.5e-07`: -2.5e-7, `inf`: math.Inf(1), `-inf`: math.Inf(-1), `(1+2j)`: list{opaque}, `1j`: opaque,
		`''`: "", `'a b'`: "a b", `"it's"`: "it's", `'say "hi" and it\'s'`: `say "hi" and it's`, `'$HOME \\ \n\t\r'`: "$HOME \\ \n\t\r",
		`'\x00\x7f\xe9\u20ac\U0001f600'`: "\x00\x7fé€😀", `'é€😀'`: "é€😀", `'\ud800'`: opaque,
		`b''`: pyliteral.Bytes(""), `b'\x00\xff\'"'`: pyliteral.Bytes("\x00\xff'\""), `b"it's"`: pyliteral.Bytes("it's"),
		`[]`: list{}, `()`: list{}, `('a',)`: list{"a"}, `[1, [2, 'b'], None]`: list{int64(1), list{int64(2), "b"}, nil}, `{'b', 'a'}`: list{"a", "b"}, `frozenset({'b', 'a'})`: list{"a", "b"}, `set()`: list{}, `frozenset({'a'})`: list{"a"},
		`{}`: dict{}, `{'a': 1, 20: 'b', 'c': {'d': (True,)}}`: dict{pair{"a", int64(1)}, pair{int64(20), "b"}, pair{"c", dict{pair{"d", list{true}}}}},
		`PosixPath('/srv/site')`: "/srv/site", `pathlib.PurePosixPath('/a')`: "/a", `WindowsPath('C:/a')`: "C:/a", `PosixPath(1)`: opaque,
		`OrderedDict([('a', 1)])`: dict{pair{"a", int64(1)}}, `OrderedDict({'a': 1})`: dict{pair{"a", int64(1)}}, `OrderedDict()`: dict{}, `OrderedDict(x)`: opaque,
		`datetime.timedelta(days=1, seconds=3)`: opaque, `re.compile('a\\)')`: opaque, `decimal.Decimal('1.0')`: opaque,
		`<function <lambda> at 0x7f00>`: opaque, `[<class 'a.B'>, 1]`: list{opaque, int64(1)}, `<SimpleLazyObject: 'a>b'>`: opaque, `{'f': <bound method A.b of <a.A object at 0x1>>}`: dict{pair{"f", opaque}},
		`shop.Engine`: opaque, `<Shop: Ann's "best>`: opaque, `[<Shop: Ann's>, 1]`: list{opaque, int64(1)}, `<function f(x) -> int>`: opaque,
	} {
		got, err := pyliteral.Parse(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Parse(%s) = %#v, %v, want %#v", text, got, err, want)
		}
	}
	if v, err := pyliteral.Parse("nan"); err != nil || !math.IsNaN(v.(float64)) {
		t.Errorf("nan: %v, %v", v, err)
	}
}

// What is cut off or damaged is an error, which does not quote the text.
func TestParseErrors(t *testing.T) {
	for _, text := range []string{
		``, `'`, `'hidden`, `"hidden'`, `'hidden\`, `'\x4`, `'\xzz'`, `'\q'`, `'\U00110000'`, "'hid\nden'", `b'\u0041'`, `u'hidden'`, `'hidden' 'hidden'`, `'a' b`,
		`[`, `[1`, `[1,`, `[1 2]`, `(`, `{'a'`, `{'a':`, `{'a': 1`, `{'a': 1 'b'}`, `{'a': 1, 'b'}`, `Path('hidden'`, `<function f`, `<a 'b`, `-`, `1..2`, `Tru`, `@`, `]`,
		strings.Repeat("[", 200) + strings.Repeat("]", 200),
	} {
		v, err := pyliteral.Parse(text)
		if err == nil {
			t.Errorf("Parse(%s) = %#v", text, v)
		} else if !strings.HasPrefix(err.Error(), "column ") || strings.Contains(err.Error(), "hidden") {
			t.Errorf("Parse(%s): %v", text, err)
		}
	}
}

func TestDictGet(t *testing.T) {
	d := dict{pair{int64(1), "one"}, pair{"a", nil}}
	if v, ok := d.Get("a"); v != nil || !ok {
		t.Errorf("Get(a) = %v, %v", v, ok)
	}
	if v, ok := d.Get("b"); v != nil || ok {
		t.Errorf("Get(b) = %v, %v", v, ok)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{`{'a': [1, 'b', b'\xff', None, (2.5,)], 2: {'c'}}`, `PosixPath('/a')`, `<f <g> 'h'>`, `OrderedDict([('a', 1)])`, `datetime.timedelta(days=1)`, `'\ud83d\x41\U0001f600'`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := pyliteral.Parse(text); err != nil && !strings.HasPrefix(err.Error(), "column ") {
			t.Errorf("Parse(%q): %v", text, err)
		}
	})
}
