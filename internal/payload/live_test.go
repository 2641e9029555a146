package payload

import (
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// decompress is Python: for each line of hex, the SHA-256 of what zlib makes of it, or "zlib".
const decompress = `
import hashlib, json, sys, zlib
answers = []
for line in sys.stdin:
    try:
        answers.append(hashlib.sha256(zlib.decompress(bytes.fromhex(line))).hexdigest())
    except zlib.error:
        answers.append("zlib")
json.dump(answers, sys.stdout)
`

// TestLive asks Python about streams, most of them mutated.
func TestLive(t *testing.T) {
	python := testenv.NewestDjango(t).Executable(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	streams := oddStreams(t, rand.New(rand.NewPCG(seed, 1)), 500)
	var in strings.Builder
	for _, s := range streams {
		in.WriteString(hex.EncodeToString(s) + "\n")
	}
	command := exec.CommandContext(t.Context(), python, "-c", decompress)
	command.Stdin, command.Stderr = strings.NewReader(in.String()), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []string
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(streams) {
		t.Fatalf("%d answers to %d questions, %v", len(answers), len(streams), err)
	}
	refused := 0
	for i, theirs := range answers {
		data, err := inflate(streams[i], 64<<20)
		sum := sha256.Sum256(data)
		ours := hex.EncodeToString(sum[:])
		if err == ErrZlib {
			ours = "zlib"
			refused++
		}
		if ours != theirs {
			t.Errorf("%x: ours %s, %v; Python's %s", streams[i], ours, err, theirs)
		}
	}
	t.Logf("%d streams, %d of them refused", len(streams), refused)
}

func oddStreams(t *testing.T, r *rand.Rand, n int) (streams [][]byte) {
	for _, h := range handMade() {
		streams = append(streams, h.stream)
	}
	for range n {
		var stream []byte
		switch kind := r.IntN(5); kind {
		case 0:
			stream = oddCodes(r)
		default:
			if kind == 1 {
				stream, _ = randomStream(r, 1+r.IntN(6), 1<<r.IntN(10))
			} else {
				stream = testenv.Zlib(t, testenv.RandomText(r, r.IntN(600)), zlib.HuffmanOnly+r.IntN(12))
			}
			for range r.IntN(3) {
				switch r.IntN(6) {
				case 0:
					stream = stream[:r.IntN(len(stream)+1)]
				case 1:
					stream = append(stream, byte(r.IntN(256)))
				default: // the header and the codes are where it gets interesting
					if at := r.IntN(max(1, min(len(stream), 1+r.IntN(100)))); at < len(stream) {
						stream[at] ^= 1 << r.IntN(8)
					}
				}
			}
		}
		streams = append(streams, stream)
	}
	return streams
}

// oddCodes is a stream whose block begins with codes that are complete, incomplete or too large in many ways. Its
// checksum is right if the data turn out to be empty.
func oddCodes(r *rand.Rand) []byte {
	var w bitWriter
	w.bits(1, 1)
	w.bits(1+r.IntN(2), 2)
	w.bits(r.IntN(32), 5)
	w.bits(r.IntN(4)*r.IntN(10), 5)
	w.bits(14+r.IntN(2), 4)
	kind := r.IntN(4)
	for i := range 19 {
		switch {
		case kind == 0: // two words for two code lengths
			w.bits(min(1, i%(1+r.IntN(10))), 3)
		case kind == 1: // sixteen words of four bits, more or less
			w.bits(map[bool]int{true: 4, false: 0}[i > 2], 3)
		case kind == 2:
			w.bits(r.IntN(8)*r.IntN(2), 3)
		default:
			w.bits(min(r.IntN(2)*r.IntN(9), 7), 3)
		}
	}
	for range r.IntN(200) {
		w.bits(r.IntN(256)&r.IntN(256), 8)
	}
	return w.stream("")
}
