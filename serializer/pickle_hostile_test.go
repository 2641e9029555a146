//go:build !race

// Hostile pickles take memory and time, and no second goroutine: `make memory` runs these tests.

package serializer

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// bombs are pickles of up to size bytes that claim or describe much more than they hold.
func bombs(size int) map[string]string {
	fill := func(head, body, tail string) string {
		return head + strings.Repeat(body, (size-len(head)-len(tail))/len(body)) + tail
	}
	// in puts a value into a session.
	in := func(value string) string { return "\x80\x04}\x8c\x01a" + value + "s." }
	huge := binary.LittleEndian.AppendUint64(nil, 1<<62)
	var dag, deep, keys, sharing strings.Builder
	dag.WriteString("]\x94")
	for i := range size / 16 {
		fmt.Fprintf(&dag, "0](j%sj%se\x94", le(i), le(i))
	}
	fmt.Fprintf(&deep, "%s%s", strings.Repeat("]", size/2-8), strings.Repeat("a", size/2-9))
	for i := range size / 12 {
		fmt.Fprintf(&keys, "\x8c\x08%08dN", i)
	}
	for i := range size / 20 {
		fmt.Fprintf(&sharing, "\x8c\x06%06dh\x00", i)
	}
	return map[string]string{
		"a long str":           in("\x8d" + string(huge)),
		"long bytes":           in("\x8e" + string(huge)),
		"a long bytearray":     in("\x96" + string(huge)),
		"a long int":           in("\x8b\xff\xff\xff\x7f"),
		"a large number":       in("Nr\xff\xff\xff\xff"),
		"an int of digits":     in("L" + strings.Repeat("9", size-20) + "L\n"),
		"an int of bytes":      in("\x8b" + le(size-20) + strings.Repeat("\x7f", size-20)),
		"marks":                fill("", "(", ""),
		"lists":                fill("", "]", "."),
		"dicts in a list":      in(fill("](", "}", "e")),
		"nested lists":         in(deep.String()),
		"nested tuples":        in(fill("N", "\x85", "")),
		"nested reduces":       in(fill("cos\nsystem\nN\x85R", "\x85R", "")),
		"twice itself":         in(fill("]\x94", "2\x86", "")),
		"references":           in(fill("](X\x10\x00\x00\x00xxxxxxxxxxxxxxxx\x94", "h\x00", "e")),
		"references to nulls":  in(fill("](X\x10\x00\x00\x00"+strings.Repeat("\x00", 16)+"\x94", "h\x00", "e")),
		"a doubling graph":     in(dag.String()),
		"shared by all keys":   "\x80\x04}(\x8c\x01aX" + le(size/2) + strings.Repeat("x", size/2) + "\x94" + sharing.String() + "u.",
		"many keys":            "\x80\x04}(" + keys.String() + "u.",
		"one key":              fill("\x80\x04}(", "\x8c\x01aN", "u."),
		"popped marks":         fill("", "(1", "."),
		"popped values":        fill("N", "(NN1", "."),
		"appended one by one":  in(fill("]", "Na", "")),
		"nothing":              in(fill("](", "N", "e")),
		"strs":                 in(fill("](", "\x8c\x00", "e")),
		"memoized":             in(fill("N", "\x94", "")),
		"frames":               fill("", "\x95\xff\xff\xff\xff\xff\xff\xff\xff", "."),
		"protocols":            fill("", "\x80\x04", "N."),
		"states":               in(fill("cos\nsystem\n)R", "}b", "")),
		"globals":              in(fill("](", "ca\nb\n", "e")),
		"a str of escapes":     in("V" + strings.Repeat(`\u0001`, size/6) + "\n"),
		"compared again":       in(fill("]\x94](NNNNNNNNNNNNNNNNt\x94", "h\x00h\x01R0h\x00", "")),
		"sets":                 in(fill("](", "\x8f", "e")),
		"a tuple of its lists": in(fill("(", "]", "t")),

		"long ints in digits":      in(fill("](", "L99999999999999999999L\n", "e")),
		"the same date in a zone":  in(fill("](cdatetime\ndatetime\nC\x0a\x07\xea\x01\x02\x00\x00\x00\x00\x00\x00cpytz\n_p\n\x8c\x0dEurope/Berlin\x85R\x86R\x94", "h\x00", "e")),
		"the same date nowhere":    in(fill("](cdatetime\ndatetime\nC\x0a\x07\xea\x01\x02\x00\x00\x00\x00\x00\x00cpytz\n_p\n\x8c\x06Mars/X\x85R\x86R\x94", "h\x00", "e")),
		"the same dict":            in(fill("](}("+strings.Repeat("NN", size/8)+"u\x94", "h\x00", "e")),
		"the same pairs":           in(fill("](ccollections\nOrderedDict\n]("+strings.Repeat("\x8c\x00N\x86", size/16)+"Ne\x85R\x94", "h\x00", "e")),
		"the same wide bytearray":  in(fill("](cbuiltins\nbytearray\nX"+le(size/2)+strings.Repeat("x", size/2-2)+"\u0400\x85R\x94", "h\x00", "e")),
		"the same uuid":            in(fill("](cuuid\nUUID\n)\x81}("+strings.Repeat("\x8c\x01xN", size/16)+"ub\x94", "h\x00", "e")),
		"the same chain":           in(fill("](ca\nb\n"+strings.Repeat(")R", 4000)+"\x94", "h\x00", "e")),
		"objects of the same text": in(fill("](cs\nC\nX"+le(size/2)+strings.Repeat("x", size/2)+"\x85\x940\x940", "h\x01h\x00\x81", "e")),
		"the same long name":       in("](cs\n" + strings.Repeat("x", size/3) + "\n\x94cs\n" + strings.Repeat("x", size/3) + "\n)R\x94(" + strings.Repeat("h\x00)R", size/16) + "1h\x01e"),
	}
}

func le(n int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }

// TestPickleBombs: no pickle takes much more memory or time than its size accounts for, whether it is read or not.
func TestPickleBombs(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	const size = 1 << 18
	for name, bomb := range bombs(size) {
		t.Run(name, func(t *testing.T) {
			start := testenv.CPUTime()
			peak := testenv.PeakAboveIdle(func() {
				d, err := Pickle.Loads([]byte(bomb))
				if err != nil {
					return
				}
				for v := range d.Values() {
					var into any
					_ = v.Kind()
					_ = v.Decode(&into)
					_ = v.Decode(new([]Value))
				}
				_, _ = Pickle.Dumps(d)
			})
			if peak > 64<<20 {
				t.Errorf("%d MiB", peak>>20)
			}
			if took := testenv.CPUTime() - start; took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestMutatedPickles: pickles that are changed at random are read or refused, and what is read can be written and read again.
func TestMutatedPickles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var whole [][]byte
	for _, version := range fixtures.Versions() {
		pickles, _, err := fixtures.Pickles(version)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pickles {
			whole = append(whole, p.Pickle)
		}
	}
	read := 0
	for range 10_000 {
		p := slices.Clone(whole[r.IntN(len(whole))])
		for range 1 + r.IntN(4) {
			at := r.IntN(len(p))
			switch r.IntN(4) {
			case 0:
				p[at] = byte(r.Uint32())
			case 1:
				p = slices.Delete(p, at, min(len(p), at+1+r.IntN(8)))
			case 2:
				p = slices.Insert(p, at, byte(r.Uint32()))
			case 3:
				q := whole[r.IntN(len(whole))]
				from := r.IntN(len(q))
				p = slices.Insert(p, at, q[from:min(len(q), from+r.IntN(40))]...)
			}
			if len(p) == 0 {
				break
			}
		}
		if checkPickle(t, p) {
			read++
		}
	}
	if read < 100 {
		t.Errorf("only %d of the pickles can be read", read)
	}
}
