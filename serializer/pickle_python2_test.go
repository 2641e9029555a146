package serializer_test

import (
	"slices"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// python2Pickles are sessions as Python 2 pickles them, written by hand, and what Python 3 reads of them as JSON.
var python2Pickles = []struct{ name, pickle, want string }{
	{"protocol 0", "(dp0\nS'a'\np1\nI1\nsS'b'\np2\n(lp3\nI01\naNaF1.5\nasS'l'\np4\nL12345678901234567890L\nsV\\u00e9\np5\nS'it\\'s \\x41\\n'\np6\ns.",
		`{"a":1,"b":[true,null,1.5],"l":12345678901234567890,"\u00e9":"it's A\n"}`},
	{"protocol 1", "}q\x00(U\x01aq\x01]q\x02(K\x01M\x00\x01J\xff\xff\xff\xffeU\x01bq\x03T\x03\x00\x00\x00abcq\x04u.", `{"a":[1,256,-1],"b":"abc"}`},
	{"protocol 2", "\x80\x02}q\x01(U\x01aq\x02\x88U\x01bq\x03\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x00X\x01\x00\x00\x00cq\x04U\x03xyzq\x05u.",
		`{"a":true,"b":18446744073709551615,"c":"xyz"}`},
}

// python2Objects are values that only look like those of Python 3 after its names were translated.
var python2Objects = []struct{ name, pickle, want string }{
	{"set", "\x80\x02}q\x01U\x01aq\x02c__builtin__\nset\nq\x03]q\x04K\x01a\x85q\x05Rq\x06s.", `[1]`},
	{"OrderedDict", "\x80\x02}q\x01U\x01aq\x02ccollections\nOrderedDict\nq\x03]q\x04]q\x05(U\x01zq\x06K\x01ea\x85q\x07Rq\x08s.", `{"z":1}`},
	{"UUID", "(dp0\nS'a'\nccopy_reg\n_reconstructor\n(cuuid\nUUID\nc__builtin__\nobject\nNtR(dS'int'\nL5L\nsbs.", `"00000000-0000-0000-0000-000000000005"`},
	{"Decimal", "\x80\x02}U\x01acdecimal\nDecimal\nU\x041.10\x85Rs.", `"1.10"`},
	{"timedelta", "(dS'a'\ncdatetime\ntimedelta\n(I0\nI1\nI0\ntRs.", `1000000000`},
}

func TestPython2(t *testing.T) {
	for _, tt := range python2Pickles {
		d, err := serializer.Pickle.Loads([]byte(tt.pickle))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if text, err := serializer.JSON.Dumps(d); err != nil || string(text) != tt.want {
			t.Errorf("%s is %s, %v", tt.name, text, err)
		}
	}
	for _, tt := range python2Objects {
		d, err := serializer.Pickle.Loads([]byte(tt.pickle))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		v, _ := d.Get("a")
		var read any
		if err := v.Decode(&read); err != nil || v.Format() != serializer.FormatPickle {
			t.Errorf("%s: %v", tt.name, err)
		}
		if text, err := serializer.Encode(read); err != nil || string(text.Bytes()) != tt.want {
			t.Errorf("%s is %s, %v", tt.name, text.Bytes(), err)
		}
	}
}

// TestPython2InPython: Python 3 reads these pickles, and the same values in what is written of them.
func TestPython2InPython(t *testing.T) {
	worker := testenv.NewestDjango(t).Start(t, testenv.Config{})
	for _, tt := range slices.Concat(python2Pickles, python2Objects) {
		d, err := serializer.Pickle.Loads([]byte(tt.pickle))
		if err != nil {
			t.Fatal(err)
		}
		written, err := serializer.Pickle.Dumps(d)
		if err != nil {
			t.Fatal(err)
		}
		read := testenv.Ask[[]string](t, worker, "pickle_load", testenv.Args{"pickles": [][]byte{[]byte(tt.pickle), written}})
		if read[0] != read[1] || read[0][0] != '{' {
			t.Errorf("%s: Python reads %q, and then %q", tt.name, read[0], read[1])
		}
		if v, _ := d.Get("a"); v.Format() == serializer.FormatJSON && compact(t, read[0]) != tt.want {
			t.Errorf("%s: Python reads %s", tt.name, read[0])
		}
	}
}

// TestUnreadablePickles: what Django's pickle.loads refuses, or would call for, is not read.
func TestUnreadablePickles(t *testing.T) {
	for name, pickle := range map[string]string{
		"nothing":                   "",
		"no end":                    "\x80\x04}",
		"a list":                    "].",
		"int keys":                  "}K\x01K\x02s.",
		"bytes as key":              "}C\x01aK\x02s.",
		"a str of Python 2":         "}U\x01aU\x01\xe9s.",
		"a quoted str of Python 2":  "(dS'a'\nS'\\xe9'\ns.",
		"a persistent id":           "}\x8c\x01aPx\ns.",
		"an extension":              "}\x8c\x01a\x82\x01s.",
		"an out-of-band buffer":     "}\x8c\x01a\x97s.",
		"protocol 6":                "\x80\x06}.",
		"an absent object":          "}\x8c\x01ah\x05s.",
		"a str that is not UTF-8":   "}\x8c\x01a\x8c\x01\xffs.",
		"an odd dict":               "(\x8c\x01ad.",
		"a call for its effect":     "}cos\nsystem\n\x8c\x01x\x85R0.",
		"a state of a list":         "}\x8c\x01a]}bs.",
		"appending to a str":        "}\x8c\x01a\x8c\x01bNas.",
		"a call without a tuple":    "}\x8c\x01acos\nsystem\nNRs.",
		"an int that is no number":  "}\x8c\x01aI1x\ns.",
		"a float that is no number": "}\x8c\x01aFx\ns.",
		"a mark as an operand":      "}\x8c\x01a(\x85s.",
		"a global of two ints":      "}\x8c\x01aK\x01K\x02\x93s.",
	} {
		if d, err := serializer.Pickle.Loads([]byte(pickle)); err == nil {
			t.Errorf("%s is read as %v", name, d)
		}
	}
}
