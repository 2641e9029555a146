package compat

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/base62"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/internal/testenv/typed"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// damager makes damaged texts, the same in every run.
type damager struct {
	random   *rand.Rand
	genuine  []string
	payloads [][]byte
	modern   bool
	signers  [2]*signing.TimestampSigner // SHA-256, and SHA-1 as 3.2 reads it, too
	codec    *django.Codec
}

func newDamager(t *testing.T, c *cell, seed int) *damager {
	t.Helper()
	d := &damager{random: rand.New(rand.NewPCG(uint64(seed), 31)), codec: c.sessions.Codec()}
	set := c.sessions.Settings()
	d.modern = set.DjangoVersion != "2.2" && set.SessionFormat != django.FormatPre31
	for i, algorithm := range []signing.Algorithm{signing.SHA256, signing.SHA1} {
		var err error
		d.signers[i], err = signing.NewTimestampSigner(secret, signing.Options{Salt: "django.contrib.sessions.SessionStore", Algorithm: algorithm})
		if err != nil {
			t.Fatal(err)
		}
	}
	values := testenv.Ask[[]fixtures.Value](t, c.worker, "random_values", testenv.Args{"seed": seed, "count": 400})
	// Half of the valid texts are Django's, half Go's.
	d.genuine = testenv.Ask[[]string](t, c.worker, "encode_many", testenv.Args{"values": values[:200]})
	for _, v := range values[200:] {
		text, err := d.codec.Encode(t.Context(), typed.Native(t, v).(*serializer.Dict))
		if err != nil {
			t.Fatal(err)
		}
		d.genuine = append(d.genuine, text)
	}
	for _, text := range d.genuine {
		payload, err := d.codec.Payload(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		d.payloads = append(d.payloads, payload)
	}
	return d
}

// texts returns n damaged texts, and the valid ones.
func (d *damager) texts(t *testing.T, n int) []string {
	texts := make([]string, n)
	for i := range texts {
		switch {
		case i%10 == 0:
			texts[i] = d.unsigned()
		case i < n/2:
			texts[i] = d.afterSigning(d.genuine[i%len(d.genuine)])
		default:
			texts[i] = d.beforeSigning(t, i)
		}
	}
	return append(texts, d.genuine...)
}

// unsigned returns a text without a valid signature.
func (d *damager) unsigned() string {
	characters := func(n int, from []rune) string {
		text := make([]rune, n)
		for i := range text {
			text[i] = from[d.random.IntN(len(from))]
		}
		return string(text)
	}
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	switch d.random.IntN(5) {
	case 0:
		return characters(d.random.IntN(100), []rune(digits+"-_.:="))
	case 1:
		return characters(d.random.IntN(100), []rune("\x00\t\n :.=A\u00e9\u0660\u2028\U0001f600"))
	case 2:
		return base64.StdEncoding.EncodeToString([]byte(characters(d.random.IntN(60), []rune("0123456789abcdef:{}\"\u00e9"))))
	case 3:
		return base64.StdEncoding.EncodeToString([]byte(characters(40, []rune("0123456789abcdef")) + ":" + oddJSON[d.random.IntN(len(oddJSON))]))
	}
	return base64.RawURLEncoding.EncodeToString([]byte(oddJSON[d.random.IntN(len(oddJSON))])) +
		":" + characters(6, []rune(digits)) + ":" + characters(43, []rune(digits+"-_"))
}

// afterSigning changes a few characters, or cuts, or mixes two texts.
func (d *damager) afterSigning(text string) string {
	b := []byte(text)
	switch d.random.IntN(6) {
	case 0:
		return text[:d.random.IntN(len(text))]
	case 1:
		other := d.genuine[d.random.IntN(len(d.genuine))]
		i, j := d.random.IntN(len(text)), d.random.IntN(len(other))
		return text[:i] + other[j:]
	case 2: // another base64 text of the same bits
		return text + []string{"=", " ", "\n", "A", ":"}[d.random.IntN(5)]
	case 3: // another timestamp
		if parts := strings.Split(text, ":"); len(parts) == 3 {
			return parts[0] + ":" + string(base62.Append(nil, d.random.Int64N(1<<34))) + ":" + parts[2]
		}
	}
	for range 1 + d.random.IntN(3) {
		i := d.random.IntN(len(b))
		switch d.random.IntN(3) {
		case 0:
			b[i] = byte(0x20 + d.random.IntN(0x5f))
		case 1:
			b = append(b[:i:i], b[i+1:]...)
		case 2:
			b = append(b[:i:i], append([]byte{byte(0x20 + d.random.IntN(0x5f))}, b[i:]...)...)
		}
		if len(b) == 0 {
			break
		}
	}
	return string(b)
}

// oddJSON are documents and fragments that JSON parsers treat differently.
var oddJSON = []string{
	`{}`, ` {"a" : 1 , "b":[ ]}` + "\n", `{"a":1,"a":2,"\u0061":3,"b":4}`, `{"a":NaN,"b":Infinity,"c":-Infinity}`,
	`{"a":1e999,"b":-1e999,"c":1E5,"d":1.0e+05,"e":-0,"f":-0.0,"g":123456789012345678901234567890}`,
	`{"a":"\ud800","\udfff":"\ud83d\ude00","c":"\ude00\ud83d"}`, `{"a":"` + "\xe9\xc3\xa9" + `"}`, `{"a":"` + "\x7f" + `"}`,
	`{"a":"` + "\x01" + `"}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":+1}`, `{"a":-}`, `{"a":1e}`, `{"a":0x10}`, `{"a":1_000}`,
	`{"a":nan}`, `{"a":-NaN}`, `{"a":infinity}`, `{"a":True}`, `{"a":'b'}`, `{a:1}`, `{"a":1,}`, `{"a":[1,]}`, `{,}`, `{"a"}`,
	`{"a":1}x`, `{"a":1} {"b":2}`, `[1]`, `1`, `"a"`, `null`, `true`, `NaN`, ``, ` `, "\xef\xbb\xbf{}", `{"a":"\u00g0"}`,
	`{"a":"\x41"}`, `{"a":"\u 041"}`, `{"a":"\u+041"}`, `{"a":"\/"}`, `{"a":"` + "\u2028" + `"}`, `{"a":"\u0000"}`, `{"":{"":{}}}`,
	`{"a":/*c*/1}`, `{"a":1}//`, `{"a":"unended`, `{"a":[[[[`, `{"a":1e-400}`, `{"a":9007199254740993.0}`, `{"a":2.5e-324}`,
	"{\"a\":1\v}", "{\"a\":1\f}", "{\"a\":1\u00a0}", "{\"a\":1\x00}",
}

// beforeSigning damages one level of the signed text: the JSON, the compressed bytes, the
// base64, or the separators and the timestamp.
func (d *damager) beforeSigning(t *testing.T, i int) string {
	t.Helper()
	payload := bytes.Clone(d.payloads[d.random.IntN(len(d.payloads))])
	if i%4 == 0 {
		payload = []byte(oddJSON[d.random.IntN(len(oddJSON))])
	} else if d.random.IntN(2) == 0 {
		d.scramble(&payload)
	}
	if !d.modern {
		text, err := d.codec.Sign(t.Context(), payload)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	value := base64.RawURLEncoding.EncodeToString(payload)
	if d.random.IntN(2) == 0 {
		stream := deflated(payload, d.random.IntN(10))
		switch d.random.IntN(4) {
		case 0:
			d.scramble(&stream)
		case 1:
			stream = append(stream, "trailing"...)
		case 2:
			stream = stream[:d.random.IntN(len(stream)+1)]
		}
		value = "." + base64.RawURLEncoding.EncodeToString(stream)
	}
	switch d.random.IntN(6) {
	case 0:
		b := []byte(value)
		d.scramble(&b)
		value = strings.ToValidUTF8(string(b), "?")
	case 1:
		odd := []string{"=", "==", "====", "+", "/", "\n", " ", "*", "é", ".", ":", ":1"}
		at := d.random.IntN(len(value) + 1)
		value = value[:at] + odd[d.random.IntN(len(odd))] + value[at:]
	}
	if d.random.IntN(20) == 0 { // no timestamp, or an invalid one
		s, _ := signing.NewSigner(secret, signing.Options{Salt: "django.contrib.sessions.SessionStore"})
		return s.Sign(value + []string{"", ":", ":-", ":1!", ":é"}[d.random.IntN(5)])
	}
	if d.random.IntN(8) == 0 {
		return d.signers[1].Sign(value)
	}
	return d.signers[0].Sign(value)
}

// scramble changes some bytes.
func (d *damager) scramble(b *[]byte) {
	for range 1 + d.random.IntN(3) {
		if len(*b) == 0 {
			return
		}
		i := d.random.IntN(len(*b))
		switch d.random.IntN(4) {
		case 0:
			(*b)[i] ^= 1 << d.random.IntN(8)
		case 1:
			(*b)[i] = byte(d.random.IntN(256))
		case 2:
			*b = append((*b)[:i:i], (*b)[i+1:]...)
		case 3:
			*b = append((*b)[:i:i], append([]byte(`"0{}[],:\`)[d.random.IntN(8):][:1:1], (*b)[i:]...)...)
		}
	}
}

func deflated(data []byte, level int) []byte {
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, level)
	if err != nil {
		panic(err) // the levels are 0 to 9
	}
	_, _ = w.Write(data) // a bytes.Buffer does not fail
	_ = w.Close()
	return b.Bytes()
}
