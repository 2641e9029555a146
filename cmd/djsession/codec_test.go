package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

// Texts that Django 6.1.3 signed with testSecret at 1700000000; the second is
// compressed.
const (
	djangoShort   = "eyJcdTAwZTkiOiJuYVx1MDBlZnZlIFx1ZDgzZFx1ZGUwMCIsInByaWNlIjoxLjAsIm5hbiI6TmFOfQ:1r31eq:_-0I9g3S_o2R2dHIlVApEOGAB9MUriUGADjlzLZEycg"
	djangoShortIs = `{"\u00e9":"na\u00efve \ud83d\ude00","price":1.0,"nan":NaN}`
	djangoCart    = ".eJw1zTsOgzAQRdG9vJpIHv_GfpuxyEcJSge4Quw9kEm6U9274TbOK7hhefeLA93wlYBi8qA3BTCYIhhNCUymDGaTgmoqYDFVsP7Kx0T-l3Mj-4Dr9DxVXKqSvVPRKBJciP74tLGvr9aXx9ymOwjF_gF3RzBH:1r31eq:Ydc0e4A4AT__8p8Auc58dEtbLaOt4VvgZvWLONzUVag"
	djangoCartIs  = `{"cart":{"sku-0":0,"sku-1":1,"sku-2":2,"sku-3":3,"sku-4":4,"sku-5":5,"sku-6":6,"sku-7":7,"sku-8":8,"sku-9":9,"sku-10":10,"sku-11":11},"big":1180591620717411303424,"_auth_user_id":"7"}`
)

func TestEncode(t *testing.T) {
	c := newCLI(t)
	for _, test := range []struct{ name, json, stored string }{
		{"empty", `{}`, `{}`},
		{"blanks", " { \"a\" : [ 1 , 2 ] ,\n\t\"b\":{ } } ", `{"a":[1,2],"b":{}}`},
		{"order", `{"z":1,"a":2,"m":3}`, `{"z":1,"a":2,"m":3}`},
		{"a key twice", `{"a":1,"b":2,"\u0061":3}`, `{"a":3,"b":2}`},
		{"numbers", `{"a":1.0,"b":1e400,"c":-0,"d":1E+2,"e":12345678901234567890123}`, `{"a":1.0,"b":1e400,"c":-0,"d":1E+2,"e":12345678901234567890123}`},
		{"not numbers for Go", `{"a":NaN,"b":Infinity,"c":-Infinity}`, `{"a":NaN,"b":Infinity,"c":-Infinity}`},
		{"not ASCII", `{"é":"ü€😀"}`, `{"\u00e9":"\u00fc\u20ac\ud83d\ude00"}`},
		{"half a surrogate pair", `{"a":"\ud800"}`, `{"a":"\ud800"}`},
		{"digits", `{"a":` + strings.Repeat("9", 4300) + `}`, `{"a":` + strings.Repeat("9", 4300) + `}`},
		{"nesting", `{"a":` + strings.Repeat("[", 499) + strings.Repeat("]", 499) + `}`, `{"a":` + strings.Repeat("[", 499) + strings.Repeat("]", 499) + `}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			signed := strings.TrimSuffix(c.ok("encode", test.json), "\n")
			if got := c.ok("decode", signed); got != test.stored+"\n" {
				t.Errorf("decoded %s, want %s", got, test.stored)
			}
			// The same in lines, where a document has no line breaks.
			lines := c.okFed(strings.ReplaceAll(test.json, "\n", " ")+"\n", "encode")
			if got := c.okFed(lines, "decode"); got != test.stored+"\n" {
				t.Errorf("decoded as a line %s, want %s", got, test.stored)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	c := newCLI(t)
	for _, json := range []string{
		``, ` `, `null`, `[]`, `"a"`, `1`, `{`, `{}{}`, `{"a":1,}`, `{a:1}`, `{"a":'b'}`, `{"a":01}`, `{"a":nan}`, `{"a":"` + "\x01" + `"}`,
		`{"a":"` + "\xff" + `"}`, `{"a":` + strings.Repeat("9", 4301) + `}`, strings.Repeat(`{"a":`, 501) + "1" + strings.Repeat("}", 501),
	} {
		if r := c.run("encode", json); r.status != 1 || r.stdout != "" || r.stderr == "" {
			t.Errorf("encode of %.40q: %+v", json, r)
		}
	}
}

// Compressed texts may differ in their bytes: there is more than one way to
// deflate.
func TestDjangoAgrees(t *testing.T) {
	c := newCLI(t)
	for signed, want := range map[string]string{djangoShort: djangoShortIs, djangoCart: djangoCartIs} {
		if got := c.ok("decode", signed); got != want+"\n" {
			t.Errorf("decoded %s, want %s", got, want)
		}
	}
	if got := c.ok("encode", "--timestamp", "1700000000", djangoShortIs); got != djangoShort+"\n" {
		t.Errorf("encoded %s, want %s", got, djangoShort)
	}
}

func TestTimestamp(t *testing.T) {
	c := newCLI(t)
	for timestamp, want := range map[string]string{"0": ":0:", "61": ":z:", "62": ":10:", "-62": ":-10:"} {
		if got := c.ok("encode", "--timestamp", timestamp, "{}"); !strings.Contains(got, want) {
			t.Errorf("signed at %s: %s, want %s in it", timestamp, got, want)
		}
	}
	// Without it, the time is now.
	if a := c.ok("encode", "{}"); strings.Contains(a, ":0:") {
		t.Errorf("signed at 0: %s", a)
	}
}

func TestLines(t *testing.T) {
	c := newCLI(t)
	one := strings.TrimSuffix(c.ok("encode", `{"n":1}`), "\n")
	two := strings.TrimSuffix(c.ok("encode", `{"n":2}`), "\n")
	for _, test := range []struct {
		name, command, stdin string
		status               int
		stdout               string
		failed               []int
	}{
		{"nothing", "decode", "", 0, "", nil},
		{"lines", "decode", one + "\n" + two + "\n", 0, "{\"n\":1}\n{\"n\":2}\n", nil},
		{"no line break at the end", "decode", one + "\n" + two, 0, "{\"n\":1}\n{\"n\":2}\n", nil},
		{"CRLF", "decode", one + "\r\n" + two + "\r\n", 0, "{\"n\":1}\n{\"n\":2}\n", nil},
		{"a failure", "decode", one + "\nx" + two + "\n" + two + "\n", 1, "{\"n\":1}\n{\"n\":2}\n", []int{2}},
		{"all fail", "decode", "a\nb\nc", 1, "", []int{1, 2, 3}},
		{"empty lines", "decode", "\n" + one + "\n\n", 1, "{\"n\":1}\n", []int{1, 3}},
		{"blanks", "decode", " " + one + "\n" + one + " \n", 1, "", []int{1, 2}},
		{"NUL", "decode", "\x00\n" + one + "\n", 1, "{\"n\":1}\n", []int{1}},
		{"encode", "encode", "{\"n\": 1}\r\nnull\n", 1, "", []int{2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := c.feed(strings.NewReader(test.stdin), test.command)
			if test.command == "encode" {
				r.stdout = c.okFed(r.stdout, "decode")
				test.stdout = "{\"n\":1}\n"
			}
			if r.status != test.status || r.stdout != test.stdout {
				t.Errorf("status %d, stdout %q; want %d, %q", r.status, r.stdout, test.status, test.stdout)
			}
			reasons := strings.Split(strings.TrimSuffix(r.stderr, "\n"), "\n")
			if r.stderr == "" {
				reasons = nil
			}
			if len(reasons) != len(test.failed) {
				t.Fatalf("stderr %q, want lines %d", r.stderr, test.failed)
			}
			for i, n := range test.failed {
				prefix := fmt.Sprintf("line %d: ", n)
				if !strings.HasPrefix(reasons[i], prefix) || len(reasons[i]) == len(prefix) {
					t.Errorf("stderr line %q, want %q and a reason", reasons[i], prefix)
				}
			}
		})
	}
}

// Lines may be longer than any buffer.
func TestLongLines(t *testing.T) {
	c := newCLI(t)
	var long strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&long, `,"key %d":%d.5`, i, i*i)
	}
	json := "{" + long.String()[1:] + "}\n"
	stdin := json + `{"n":1}` + "\n" + json
	if got := c.okFed(c.okFed(stdin, "encode"), "decode"); got != strings.ReplaceAll(stdin, "{\"n\": 1}", "{\"n\":1}") {
		t.Errorf("%d bytes come back as %d others", len(stdin), len(got))
	}
}

// A program that feeds line by line gets each answer before it sends the next.
func TestLinesAreAnsweredAtOnce(t *testing.T) {
	c := newCLI(t)
	inReader, in := io.Pipe()
	out, outWriter := io.Pipe()
	status := make(chan int)
	go func() {
		status <- run(t.Context(), []string{"encode"}, func(name string) string { return c.env[name] }, inReader, outWriter, io.Discard)
	}()
	answer := make([]byte, 1000)
	for i := range 3 {
		fmt.Fprintf(in, "{\"n\":%d}\n", i)
		n, err := out.Read(answer)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := c.ok("decode", string(bytes.TrimSpace(answer[:n]))), fmt.Sprintf("{\"n\":%d}\n", i); got != want {
			t.Errorf("answer %s, want %s", got, want)
		}
	}
	in.Close()
	if s := <-status; s != 0 {
		t.Errorf("status %d", s)
	}
}

// Line breaks within a text, which only a signer other than Django's would
// write, must not make two lines of it.
func TestDecodeKeepsToItsLine(t *testing.T) {
	c := newCLI(t)
	text := "{\"a\":\r\n [1,\n2]}"
	signed := sign(t, c, text)
	if got := c.ok("decode", signed); got != text+"\n" {
		t.Errorf("decoded %q, want it as it is", got)
	}
	if got, want := c.okFed(signed+"\n", "decode"), "{\"a\":   [1, 2]}\n"; got != want {
		t.Errorf("decoded as a line %q, want %q", got, want)
	}
}

// What is signed and yet no session to Django.
func TestDecodeSignedNonsense(t *testing.T) {
	c := newCLI(t)
	for _, payload := range []string{"", "[]", "null", "{", "{}x", "\x80\x04}q\x00."} {
		c.run("decode", sign(t, c, payload)).check(t, 1, "", "unreadable")
	}
}

// The exact text is printed, whatever it is to others.
func TestDecodeIsExact(t *testing.T) {
	c := newCLI(t)
	for _, payload := range []string{`{"a":1,"a":2}`, ` {"a" : 1.0e5} `, `{"a":NaN}`, "{\"a\":\"\xe9\"}", `{"\u0041":"\/"}`} {
		if got := c.ok("decode", sign(t, c, payload)); got != payload+"\n" {
			t.Errorf("decoded %q, want %q", got, payload)
		}
	}
}
