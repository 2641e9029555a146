package djangoredis_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/djangoredis"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

const limit = 1 << 20

func dict(t testing.TB, text string) *serializer.Dict {
	t.Helper()
	d, err := serializer.JSON.Loads([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func dump(t testing.TB, d *serializer.Dict) string {
	t.Helper()
	text, err := serializer.JSON.Dumps(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRoundTrip: what was encoded is decoded, by every serializer and compressor, whether it is
// short, long or larger than what needs no slot.
func TestRoundTrip(t *testing.T) {
	for name, s := range serializers {
		for compressor, c := range compressors {
			e := djangoredis.Encoding(s, c)
			for _, text := range []string{`{}`, `{"a":1}`, `{"z":[1.0,-1e+16,null,{"y":true,"b":"\u00e9\ud83d\ude00"}],"a":-9223372036854775808,"m":18446744073709551615}`,
				`{"long":"` + strings.Repeat("shoes ", 100) + `"}`, `{"longer":"` + strings.Repeat("shoes ", 50_000) + `"}`} {
				item, err := e.Encode(t.Context(), dict(t, text), limit)
				if err != nil {
					t.Fatal(name, compressor, err)
				}
				d, err := e.Decode(t.Context(), item, limit)
				if err != nil {
					t.Fatal(name, compressor, err)
				}
				if got := dump(t, d); got != text {
					t.Errorf("%s, %s: %.100s, want %.100s", name, compressor, got, text)
				}
			}
			long := `{"long":"` + strings.Repeat("x", limit) + `"}`
			if _, err := e.Encode(t.Context(), dict(t, long), limit); !errors.Is(err, django.ErrTooLarge) {
				t.Errorf("%s, %s: Encode of too much: %v", name, compressor, err)
			}
			if item, err := e.Encode(t.Context(), dict(t, long), 2*limit); err != nil {
				t.Error(err)
			} else if _, err := e.Decode(t.Context(), item, limit); !errors.Is(err, signing.ErrTooLarge) {
				t.Errorf("%s, %s: Decode of too much: %v", name, compressor, err)
			}
		}
	}
}

// TestFallback: a value that is not compressed, or not by this compressor, is read as it is, and
// if that fails the error names what to look at, and holds nothing of the value.
func TestFallback(t *testing.T) {
	plain := djangoredis.Encoding(djangoredis.JSON, djangoredis.Identity)
	for name, c := range compressors {
		e := djangoredis.Encoding(djangoredis.JSON, c)
		if d, err := e.Decode(t.Context(), cachestore.Item{Value: `{"a": 1, "text": "caf` + "\u00e9" + `"}`}, limit); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := dump(t, d); got != `{"a":1,"text":"caf\u00e9"}` {
			t.Errorf("%s: %s", name, got)
		}
		item, err := e.Encode(t.Context(), dict(t, `{"secret":"`+strings.Repeat("secret", 50)+`"}`), limit)
		if err != nil {
			t.Fatal(err)
		}
		if name == "identity" || name == "lzma" {
			continue
		}
		_, err = plain.Decode(t.Context(), item, limit)
		if err == nil || !strings.Contains(err.Error(), "COMPRESSOR "+name) {
			t.Errorf("%s: %v, want the name of the compressor", name, err)
		}
		for _, cut := range []int{len(item.Value) - 1, len(item.Value) / 2, 6} {
			if _, err := e.Decode(t.Context(), cachestore.Item{Value: item.Value[:cut]}, limit); err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: cut off at %d: %v", name, cut, err)
			}
		}
	}
	for value, names := range map[string]string{"12345": "integer", "secret": "JSON", "": "JSON", "[1]": "JSON"} {
		if _, err := plain.Decode(t.Context(), cachestore.Item{Value: value}, limit); err == nil || !strings.Contains(err.Error(), names) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", value, err)
		}
	}
}

// TestMessagePack: what Python's msgpack refuses, or what no session of Go's can hold, is an error.
func TestMessagePack(t *testing.T) {
	e := djangoredis.Encoding(djangoredis.MsgPack, djangoredis.Identity)
	for name, value := range map[string]string{
		"int key": "\x81\x01\x02", "not a dict": "\x91\x01", "ends early": "\x82\xa1a\x01", "more": "\x80\xc0", "extension": "\x81\xa1t\xd6\xff\x00\x00\x00\x00",
		"not UTF-8": "\x81\xa1a\xa1\xff", "huge dict": "\xdf\xff\xff\xff\xff", "huge list": "\x81\xa1a\xdd\xff\xff\xff\xff", "huge text": "\xdb\xff\xff\xff\xff", "empty": "",
		"deep": "\x81\xa1a" + strings.Repeat("\x91", 1<<19), "never used": "\x81\xa1a\xc1",
	} {
		if _, err := e.Decode(t.Context(), cachestore.Item{Value: value}, limit); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	const value = "\x84\xa1b\xc4\x02\x00\xff\xa1f\xca\x3f\x80\x00\x00\xa1n\xff\xa4list\x92\xc4\x01x\x82\xa1z\x01\xa1a\x02"
	d, err := e.Decode(t.Context(), cachestore.Item{Value: value}, limit)
	if err != nil {
		t.Fatal(err)
	}
	var b []byte
	v, _ := d.Get("b")
	if err := v.Decode(&b); err != nil || string(b) != "\x00\xff" {
		t.Errorf("bytes: %q, %v", b, err)
	}
	item, err := e.Encode(t.Context(), d, limit)
	if err != nil {
		t.Fatal(err)
	}
	// The float has eight bytes, as Python writes it, and the keys are in their order.
	if want := strings.Replace(value, "\xca\x3f\x80\x00\x00", "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00", 1); item.Value != want {
		t.Errorf("%q, want %q", item.Value, want)
	}
	for _, text := range []string{`{"n":18446744073709551616}`, `{"n":-9223372036854775809}`, `{"s":"\ud800"}`, `{"\ud800":1}`} {
		if _, err := e.Encode(t.Context(), dict(t, text), limit); !errors.Is(err, serializer.ErrFormat) {
			t.Errorf("%s: %v, want ErrFormat", text, err)
		}
	}
}

// TestStreams: what Python's packages read is read, and what they refuse is not.
func TestStreams(t *testing.T) {
	const text = `{"a":"shoes and socks and shoes and socks"}`
	var streamed bytes.Buffer // as by a site's own compressor: the frame does not tell its size, but a window of 2 MiB
	z, err := zstd.NewWriter(&streamed, zstd.WithWindowSize(2<<20))
	if err == nil {
		_, err = z.Write([]byte(text[:9]))
		err = errors.Join(err, z.Flush())
		_, more := z.Write([]byte(text[9:]))
		err = errors.Join(err, more, z.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	preset := testenv.Zlib(t, []byte(text), 6)
	preset = append([]byte{0x78, 0xbb, 0, 0, 0, 1}, preset[2:]...) // needs a dictionary, an empty one
	for _, c := range []struct {
		name, compressor, value string
		ok                      bool
	}{
		{"streamed", "zstd", streamed.String(), true},
		{"preset dictionary", "zlib", string(preset), false},
	} {
		d, err := djangoredis.Encoding(djangoredis.JSON, compressors[c.compressor]).Decode(t.Context(), cachestore.Item{Value: c.value}, limit)
		if (err == nil) != c.ok || err == nil && dump(t, d) != text {
			t.Errorf("%s, %s: %v", c.compressor, c.name, err)
		}
	}
}

// bombs are small values that are large when they are decompressed.
func bombs(t testing.TB) map[string]string {
	data := make([]byte, 16<<20)
	var gz, lz bytes.Buffer
	g, _ := gzip.NewWriterLevel(&gz, 9)
	l := lz4.NewWriter(&lz)
	z, err := zstd.NewWriter(nil, zstd.WithWindowSize(64<<20))
	if err == nil {
		err = errors.Join(l.Apply(lz4.BlockSizeOption(lz4.Block4Mb)))
	}
	for _, w := range []interface {
		Write([]byte) (int, error)
		Close() error
	}{g, l} {
		if err == nil {
			_, err = w.Write(data)
		}
		err = errors.Join(err, w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"zlib": string(testenv.Zlib(t, data, 9)), "gzip": gz.String(), "lz4": lz.String(), "zstd": string(z.EncodeAll(data, nil)),
	}
}

// TestBombs: a value that is small and would be large takes no more memory than the bound.
func TestBombs(t *testing.T) {
	all := bombs(t)
	for name, value := range all {
		e := djangoredis.Encoding(djangoredis.Pickle, compressors[name])
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := e.Decode(t.Context(), cachestore.Item{Value: value}, limit)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, signing.ErrTooLarge) {
			t.Errorf("%s: %v, want ErrTooLarge", name, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20 {
			t.Errorf("%s: %d MiB were allocated", name, took>>20)
		}
	}
}

// TestWaits: what needs much memory waits for its turn no longer than its context.
func TestWaits(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	e := djangoredis.Encoding(djangoredis.JSON, djangoredis.Zlib)
	item, err := e.Encode(t.Context(), dict(t, `{"long":"`+strings.Repeat("shoes ", 50_000)+`"}`), limit)
	if err != nil {
		t.Fatal(err)
	}
	var holds [payload.Slots]payload.Hold
	for i := range holds {
		if holds[i], err = payload.Take(t.Context(), payload.Small+1); err != nil {
			t.Fatal(err)
		}
	}
	_, err = e.Decode(ended, item, limit)
	_, large := e.Encode(ended, dict(t, `{"long":"`+strings.Repeat("shoes ", 50_000)+`"}`), limit)
	_, small := e.Decode(ended, cachestore.Item{Value: `{"a":1}`}, limit)
	for i := range holds {
		holds[i].Release()
	}
	if !errors.Is(err, context.Canceled) || !errors.Is(large, context.Canceled) || small != nil {
		t.Errorf("Decode: %v; Encode: %v; Decode of a small one: %v", err, large, small)
	}
}
