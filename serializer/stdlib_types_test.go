package serializer

//lint:file-ignore SA5008,U1000 tags and fields that encoding/json treats in odd ways are what is compared

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"time"
)

// The types here are read and written by encoding/json as well, which is the
// judge where Python has no say: on finite numbers and ordinary text. What it does
// differently from one Go release to the next is left out; own_test.go tests that.

type (
	plain struct {
		A int
		B string `json:"b"`
		C bool   `json:"-"`
		D []int  `json:"d,omitempty"`
		E *plain `json:"e,omitempty"`
		F map[string]int
		G float64   `json:",omitempty"`
		H any       `json:"h"`
		I [3]int8   `json:"-,"`
		J []byte    `json:"j j"`
		K []string  `json:"k.k"`
		L time.Time `json:"l,omitzero"`
		m int
	}
	quoted struct {
		Int    int            `json:"int,string"`
		Uint   *uint8         `json:"uint,string,omitempty"`
		Float  float64        `json:"float,string"`
		Bool   bool           `json:"bool,string"`
		String string         `json:"string,string"`
		List   []int          `json:"list,string"` // no literal: the option does not count
		Number json.Number    `json:"number,string"`
		Map    map[string]int `json:"map,string"`
	}
	Base struct {
		ID   int
		Name string
		Deep
	}
	Deep struct {
		ID    string `json:"id"`
		Depth int
	}
	Other struct {
		Name  string
		Color string `json:"colour"`
		Depth int
	}
	hidden   struct{ Seen, Name string }
	embedded struct {
		Base
		*Other
		hidden
		Extra int
	}
	embeddedNamed struct {
		Base   `json:"base"`
		*Other `json:"other,omitempty"`
		Color  string
	}
	ambiguous struct {
		A1
		A2
		Own int
	}
	A1      struct{ X, Y int }
	A2      struct{ X, Z int }
	tagWins struct {
		T1
		T2
	}
	T1 struct {
		X int `json:"Y"`
	}
	T2     struct{ X, Y int }
	Twice1 struct{ Shared }
	Twice2 struct{ Shared }
	Shared struct{ S int }
	twice  struct {
		Twice1
		Twice2
	}
	caseFold struct {
		KEY    int `json:"Key"`
		Kelvin int `json:"K"`
		Long   int `json:"ſ"`
		Key2   int `json:"kEY"`
	}
	keyed struct {
		Ints  map[int]string
		Uints map[uint8]bool
		Text  map[netip.Addr]int
		Named map[color]int
		Ptr   map[string]*int
		Any   map[string]any
	}
	color       string
	Temperature float64
	odd         struct {
		Temperature
		color
		hidden `json:"h"`
		*Deep  `json:",omitempty"`
		P      *int `json:",string"`
	}
	methods struct {
		Time  time.Time
		Addr  netip.Addr
		Temp  celsius
		Level level
		PTemp *celsius
		PLev  *level
		Raw   json.RawMessage
		Temps []celsius
		Levs  map[string]level
		Bytes namedBytes
		Items []byteItem
		Iface json.Marshaler
	}
	celsius    float64
	level      int
	namedBytes []byte
	byteItem   byte
	numbers    struct {
		I8  int8
		I16 int16
		I32 int32
		I64 int64
		U   uint
		U8  uint8
		U16 uint16
		U32 uint32
		U64 uint64
		F32 float32
		F64 float64
		N   json.Number
		P   **int
		An  any
	}
	zeroes struct {
		A time.Time  `json:"a,omitzero"`
		B *time.Time `json:"b,omitzero"`
		C zeroing    `json:"c,omitzero"`
		D *zeroing   `json:"d,omitzero"`
		E int        `json:"e,omitzero"`
		F []int      `json:"f,omitzero"`
		G pzeroing   `json:"g,omitzero"`
		H [2]int     `json:"h,omitzero"`
		I struct{}   `json:"i,omitempty"`
		J [0]int     `json:"j,omitempty"`
		K any        `json:"k,omitempty"`
		L isZeroer   `json:"l,omitzero"`
	}
	zeroing  struct{ N int }
	pzeroing struct{ N int }
	isZeroer interface{ IsZero() bool }
	lists    struct {
		S  []plain
		A  [2]string
		N  [][]int
		P  []*int
		E  []struct{}
		A0 [0]int
	}
)

func (c celsius) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `{"c": %g}`, float64(c)), nil }

func (c *celsius) UnmarshalJSON(b []byte) error {
	var v struct{ C float64 }
	err := json.Unmarshal(b, &v)
	*c = celsius(v.C)
	return err
}

func (l level) MarshalText() ([]byte, error) {
	if l < 0 {
		return nil, errors.New("negative")
	}
	return []byte(strings.Repeat("é", int(l))), nil
}

func (l *level) UnmarshalText(b []byte) error {
	if len(b)%2 != 0 {
		return errors.New("odd")
	}
	*l = level(len(b) / 2)
	return nil
}

func (z zeroing) IsZero() bool   { return z.N == 7 }
func (z *pzeroing) IsZero() bool { return z.N == 8 }

var (
	stdlibTypes = []reflect.Type{
		reflect.TypeFor[plain](), reflect.TypeFor[quoted](), reflect.TypeFor[embedded](),
		reflect.TypeFor[embeddedNamed](), reflect.TypeFor[ambiguous](), reflect.TypeFor[tagWins](),
		reflect.TypeFor[twice](), reflect.TypeFor[caseFold](), reflect.TypeFor[keyed](),
		reflect.TypeFor[methods](), reflect.TypeFor[numbers](), reflect.TypeFor[zeroes](),
		reflect.TypeFor[lists](), reflect.TypeFor[odd](), reflect.TypeFor[map[string]plain](), reflect.TypeFor[[]embedded](),
		reflect.TypeFor[map[level]int](), reflect.TypeFor[[]byte](), reflect.TypeFor[***int](),
		reflect.TypeFor[string](), reflect.TypeFor[any](), reflect.TypeFor[error](),
		reflect.TypeFor[map[uint16]bool](), reflect.TypeFor[chan int](),
	}
)
