package djangoredis_test

import (
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/djangoredis"
)

// FuzzEnvelope: no value makes decoding fail other than by an error, and what was decoded is
// decoded equal after it was encoded.
func FuzzEnvelope(f *testing.F) {
	all := make([]cachestore.Encoding, 0, len(serializers)*len(compressors))
	for _, s := range []string{"pickle", "json", "msgpack"} {
		for _, c := range []string{"identity", "zlib", "gzip", "lz4", "zstd", "lzma"} {
			all = append(all, djangoredis.Encoding(serializers[s], compressors[c]))
		}
	}
	for i, e := range all {
		for _, text := range []string{`{"a":1}`, `{"z":[1.0,null,{"y":true,"b":"\u00e9"}],"a":-9223372036854775808,"long":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}`} {
			item, err := e.Encode(f.Context(), dict(f, text), limit)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(uint8(i), item.Value)
		}
	}
	f.Fuzz(func(t *testing.T, i uint8, value string) {
		e := all[int(i)%len(all)]
		const small = 1 << 16
		d, err := e.Decode(t.Context(), cachestore.Item{Value: value}, small)
		if err != nil {
			return
		}
		item, err := e.Encode(t.Context(), d, 64*small)
		if err != nil {
			return // such as a key that is not UTF-8
		}
		again, err := e.Decode(t.Context(), item, 64*small)
		if err != nil {
			t.Fatalf("what was encoded cannot be decoded: %v", err)
		}
		for key, v := range d.All() {
			if w, ok := again.Get(key); !ok || v.Format() == w.Format() && !v.Equal(w) && v.Kind() != w.Kind() {
				t.Errorf("a value of kind %v became one of kind %v", v.Kind(), w.Kind())
			}
		}
		if d.Len() != again.Len() {
			t.Errorf("%d keys became %d", d.Len(), again.Len())
		}
	})
}
