package serializer

import "testing"

// pickled returns the pickle of a session that is JSON.
func pickled(b *testing.B, text string) []byte {
	d, err := JSON.Loads([]byte(text))
	if err != nil {
		b.Fatal(err)
	}
	data, err := Pickle.Dumps(d)
	if err != nil {
		b.Fatal(err)
	}
	return data
}

func BenchmarkPickleLoads(b *testing.B) {
	for _, p := range payloads {
		b.Run(p.name, func(b *testing.B) {
			data := pickled(b, p.text)
			b.SetBytes(int64(len(p.text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Pickle.Loads(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPickleDumps(b *testing.B) {
	for _, p := range payloads {
		b.Run(p.name, func(b *testing.B) {
			d, err := Pickle.Loads(pickled(b, p.text))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(p.text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Pickle.Dumps(d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
