//go:build !race

// The race detector makes each decoding ten times slower, and does not change what
// it takes of memory.

package django_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/signing"
)

// maxAboveIdle is what a crowd of hostile sessions may take of memory.
const maxAboveIdle = 64 << 20

// How many bombs go off at once. Few of the costly ones do harm already.
const (
	allBombs  = 1000
	manyBombs = 100
	someBombs = 8
	fewBombs  = 3
)

// crowdSize is how many sessions are read at once: DJSESSION_CROWD, by default fewer
// than would take long.
func crowdSize(t *testing.T, most int) int {
	t.Helper()
	text := os.Getenv("DJSESSION_CROWD")
	if text == "" {
		return most
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// collectOften makes the peak what is in use, and not how far behind the garbage
// collector is on a busy machine. It returns how to end that.
func collectOften() func() {
	old := debug.SetGCPercent(20)
	return func() { debug.SetGCPercent(old) }
}

// crowd calls f so often at once.
func crowd(n int, f func()) {
	begin := make(chan struct{})
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			<-begin
			f()
		})
	}
	close(begin)
	all.Wait()
}

// zeros is the zlib stream of so many MiB of zeros, a thousandth of their size.
func zeros(mib int) []byte {
	var out bytes.Buffer
	w, _ := zlib.NewWriterLevel(&out, zlib.BestSpeed)
	block := make([]byte, 1<<20)
	var ends [2]int
	for i := range ends {
		w.Write(block)
		w.Flush()
		ends[i] = out.Len()
	}
	again := bytes.Clone(out.Bytes()[ends[0]:ends[1]])
	out.Truncate(ends[0])
	for range mib - 1 {
		out.Write(again)
	}
	out.Write([]byte{3, 0}) // the last block, empty
	sum := uint32(mib<<20%65521)<<16 | 1
	return binary.BigEndian.AppendUint32(out.Bytes(), sum)
}

// keyLetters need no escape.
const keyLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&()*+-./:;<=>?@[]^_{|}~"

func shortKey(i int) string {
	const n = len(keyLetters)
	return string([]byte{keyLetters[i/n/n%n], keyLetters[i/n%n], keyLetters[i%n]})
}

// nasty are JSON texts just under the bound that cost the most to read.
var nasty = []struct {
	name   string
	costly bool // takes long
	old    bool // tried before 3.1, too
	text   func() string
}{
	{"a long string", false, true, func() string { return `{"a":"` + strings.Repeat("x", maxInflated-8) + `"}` }},
	{"a long number", false, false, func() string { return `{"a":` + strings.Repeat("9", maxInflated-6) + `}` }},
	{"empty objects", false, false, func() string { return `{"a":[` + strings.Repeat("{},", maxInflated/3-4) + `{}]}` }},
	{"nesting", false, false, func() string {
		nested := strings.Repeat("[", 90_000) + strings.Repeat("]", 90_000)
		return object(func(i int) string { return `"` + shortKey(i) + `":` + nested })
	}},
	{"one key", false, false, func() string { return object(func(int) string { return `"":0` }) }},
	{"short keys", true, true, func() string { return object(func(i int) string { return `"` + shortKey(i) + `":0` }) }},
	{"many keys, then one again and again", true, false, func() string {
		return object(func(i int) string { return `"` + shortKey(i)[min(i/100, 3):] + `":0` })
	}},
	{"escaped keys", true, false, func() string { return object(func(i int) string { return `"\u0061` + shortKey(i) + `":0` }) }},
	{"keys spelled in two ways", true, true, func() string {
		return object(func(i int) string { return `"\/` + shortKey(i) + `":0,"/` + shortKey(i) + `":1` })
	}},
}

const maxInflated = signing.DefaultMaxInflated

// object returns an object with as many members as the bound allows.
func object(member func(i int) string) string {
	var b strings.Builder
	b.WriteString("{")
	for i := 0; ; i++ {
		m := member(i)
		if b.Len()+len(m)+len(`,"":0}`) > maxInflated {
			return b.String() + `"":0}`
		}
		b.WriteString(m)
		b.WriteByte(',')
	}
}

// TestBombsShareMemory: however many hostile sessions are read at once, in every
// format, the memory that it takes is bounded.
func TestBombsShareMemory(t *testing.T) {
	defer collectOften()()
	modern := newCodec(t, nil)
	small := newCodec(t, func(s *django.Settings) { s.MaxInflated = 128 << 10 })
	old := newCodec(t, func(s *django.Settings) { s.DjangoVersion = "2.2" })
	signer, err := signing.NewTimestampSigner(secretKey, signing.Options{Salt: salt})
	must(t, err)
	bomb := func(mib int) func() string {
		return func() string { return signer.Sign("." + base64.RawURLEncoding.EncodeToString(zeros(mib))) }
	}
	type hostile struct {
		name  string
		codec *django.Codec
		n     int
		text  func() string
		want  error
	}
	tests := []hostile{
		{"1 GiB of zeros", modern, allBombs, bomb(1024), signing.ErrTooLarge},
		{"32 MiB of zeros", modern, allBombs, bomb(32), signing.ErrTooLarge},
		{"16 MiB of zeros", modern, allBombs, bomb(16), signing.ErrTooLarge},
		{"16 MiB of zeros, many", small, 4 * allBombs, bomb(16), signing.ErrTooLarge},
	}
	for _, j := range nasty {
		n := someBombs
		if j.costly {
			n = fewBombs
		}
		tests = append(tests, hostile{j.name, modern, n, func() string { return sign(t, modern, j.text()) }, nil})
		if j.old {
			tests = append(tests, hostile{j.name + " before 3.1", old, n, func() string { return sign(t, old, j.text()) }, nil})
		}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := tt.text()
			n := crowdSize(t, tt.n)
			began := time.Now()
			peak := testenv.PeakAboveIdle(func() {
				crowd(n, func() {
					if _, err := tt.codec.Decode(t.Context(), text); !errors.Is(err, tt.want) {
						t.Errorf("the session is %v, want %v", err, tt.want)
					}
				})
			})
			t.Logf("%d sessions of %d bytes at once: %d MiB in %v", n, len(text), peak>>20, time.Since(began))
			if peak > maxAboveIdle {
				t.Errorf("%d sessions at once took %d MiB, want %d at most", n, peak>>20, maxAboveIdle>>20)
			}
		})
	}
}

// TestBombsThroughTheMiddleware: the same for requests whose sessions are in a
// database, and whose handlers read them.
func TestBombsThroughTheMiddleware(t *testing.T) {
	defer collectOften()()
	for name, size := range map[string]int{"too large": maxInflated + 1, "just not": maxInflated} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil)
			st.put(validKey, `{"a":"`+strings.Repeat("0", size-8)+`"}`)
			h := st.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				s, err := st.Get(r)
				if size > maxInflated {
					if !errors.Is(err, django.ErrTooLarge) {
						t.Errorf("Get: %v", err)
					}
				} else if err != nil || !s.Has("a") {
					t.Errorf("Get: %v", err)
				}
			}))
			status := http.StatusOK
			if size > maxInflated {
				status = http.StatusInternalServerError
			}
			n := crowdSize(t, manyBombs)
			peak := testenv.PeakAboveIdle(func() {
				crowd(n, func() {
					r := httptest.NewRequest("GET", "/", nil)
					r.Header.Set("Cookie", "sessionid="+validKey)
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					if w.Code != status {
						t.Errorf("the status is %d", w.Code)
					}
				})
			})
			t.Logf("%d requests at once: %d MiB", n, peak>>20)
			if peak > maxAboveIdle {
				t.Errorf("%d requests at once took %d MiB, want %d at most", n, peak>>20, maxAboveIdle>>20)
			}
		})
	}
}
