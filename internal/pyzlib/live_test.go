package pyzlib

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// compress is Python: for each text and a stream of it, how long zlib's stream is, or -1 if zlib inflates the stream to
// something else.
const compress = `
import base64, json, sys, zlib
def size(text, stream):
    text = text.encode()
    return len(zlib.compress(text)) if zlib.decompress(base64.b64decode(stream)) == text else -1
json.dump([size(*pair) for pair in json.load(sys.stdin)], sys.stdout)
`

// Python reads what is written here, and it is about as long as what zlib writes.
func TestSizesAreZlibs(t *testing.T) {
	python := testenv.NewestDjango(t).Executable(t)
	var pairs [][2]any
	var sizes []int
	for _, text := range sessions(t) {
		stream := AppendDeflated(nil, []byte(text))
		pairs = append(pairs, [2]any{text, stream})
		sizes = append(sizes, len(stream))
	}
	in, err := json.Marshal(pairs)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), python, "-c", compress)
	command.Stdin, command.Stderr = bytes.NewReader(in), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs []int
	if err := json.Unmarshal(out, &theirs); err != nil || len(theirs) != len(pairs) {
		t.Fatalf("%d sizes of %d texts, %v", len(theirs), len(pairs), err)
	}
	sum, ours := 0.0, 0
	for i, size := range sizes {
		ratio := float64(size) / float64(theirs[i])
		if text := pairs[i][0].(string); theirs[i] < 0 || ratio > 1.15 && size > theirs[i]+8 {
			t.Errorf("%d bytes, zlib's are %d: %.200s", size, theirs[i], text)
		}
		sum += ratio
		ours++
	}
	mean := sum/float64(ours) - 1
	t.Logf("%d texts, %+.2f %% in the mean", ours, 100*mean)
	if mean > 0.03 {
		t.Errorf("the streams are %.1f %% longer than zlib's in the mean", 100*mean)
	}
}

// sessions returns the JSON of sessions of all sizes and kinds.
func sessions(t *testing.T) (texts []string) {
	for _, version := range fixtures.Versions() {
		all, err := fixtures.Sessions(version)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			if s.JSON != "" {
				texts = append(texts, s.JSON)
			}
		}
	}
	r := rand.New(rand.NewPCG(7, 8))
	random := func(alphabet string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(alphabet[r.IntN(len(alphabet))])
		}
		return b.String()
	}
	const hex, letters = "0123456789abcdef", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	lines := []func(i int) string{
		func(i int) string {
			return fmt.Sprintf(`{"sku":"SKU-%05d","name":"Product number %d","quantity":%d,"price":"%d.%02d"}`, i*7919%100000, i, i%9+1, i*31%200, i*17%100)
		},
		func(int) string { return fmt.Sprintf(`{"id":%d,"qty":%d}`, r.IntN(100000), 1+r.IntN(9)) },
		func(int) string { return fmt.Sprintf(`[%d,%d]`, r.IntN(100000), 1+r.IntN(9)) },
		func(int) string {
			return fmt.Sprintf(`{"product_id":%d,"added":"2026-01-%02dT%02d:%02d:%02d.%06d+00:00"}`, r.IntN(10000), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1000000))
		},
	}
	for i := range 400 {
		login := fmt.Sprintf(`"_auth_user_id":"%d","_auth_user_backend":"django.contrib.auth.backends.ModelBackend","_auth_user_hash":"%s"`, r.IntN(100000), random(hex, 64))
		line := lines[i%len(lines)]
		cart := []string{}
		for j := range 1 << r.IntN(11) {
			cart = append(cart, line(j))
		}
		texts = append(texts, "{"+login+"}",
			"{"+login+`,"cart":[`+strings.Join(cart, ",")+"]}",
			`{"recent":[`+strings.Join(cart[:min(len(cart), 1+i%20)], ",")+"]}",
			`{"_csrftoken":"`+random(letters, 32)+`"}`,
			`{"token":"`+random(letters, 1<<r.IntN(13))+`","visits":`+fmt.Sprint(i)+"}")
	}
	return texts
}
