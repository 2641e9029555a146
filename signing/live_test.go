package signing

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"github.com/djsession/djsession/internal/pybase64"
	"github.com/djsession/djsession/internal/testenv"
)

const liveNow = 1700000000.25

// TestLive asks the newest Django that can run here, and its Python, about texts that no file has recorded, most of them
// mutated.
func TestLive(t *testing.T) {
	python := testenv.NewestDjango(t).Executable(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)

	site := askLive(t, python, nil).site
	t.Logf("Django %s, Python %s", site.Django, site.Python)
	for i, kind := range []struct {
		name      string
		questions func(t *testing.T, r *rand.Rand) []question
	}{
		{"base64", func(_ *testing.T, r *rand.Rand) []question { return base64Questions(r, 10_000) }},
		{"signed", func(t *testing.T, r *rand.Rand) []question { return signedQuestions(t, r, site, 2_500) }},
		{"cookie", func(t *testing.T, r *rand.Rand) []question { return cookieQuestions(t, r, site, 1_000) }},
	} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			questions := kind.questions(t, rand.New(rand.NewPCG(seed, uint64(i))))
			verdicts := map[string]int{}
			disagreements := 0
			for i, theirs := range askLive(t, python, questions).answers {
				ours := questions[i].ours()
				verdicts[theirs.Error]++
				if ours != theirs.String() {
					if disagreements++; disagreements <= 20 {
						t.Errorf("%q: ours %s, Python's %s", questions[i].ask, ours, theirs)
					}
				}
			}
			t.Logf("%d questions, %d disagreements; Python's answers by kind: %v", len(questions), disagreements, verdicts)
		})
	}
}

// question is what to ask Python, and our answer in the form of liveAnswer.String.
type question struct {
	ask  []any
	ours func() string
}

type liveSite struct {
	Django, Python  string
	Algorithm       Algorithm
	LegacyAlgorithm Algorithm `json:"legacy_algorithm"`
	Fallback, V2    bool
}

type liveAnswer struct {
	Value json.RawMessage
	Error string
}

func (a liveAnswer) String() string {
	if a.Error != "" {
		return a.Error
	}
	var s string
	if json.Unmarshal(a.Value, &s) == nil {
		return "value " + s
	}
	var digest [2]any
	json.Unmarshal(a.Value, &digest)
	return "digest " + digest[1].(string)
}

func ourString(value string, err error) string {
	if err != nil {
		return ourError(err)
	}
	return "value " + value
}

func ourBytes(value []byte, err error) string {
	if err != nil {
		return ourError(err)
	}
	sum := sha256.Sum256(value)
	return "digest " + hex.EncodeToString(sum[:])
}

func ourError(err error) string {
	if errors.Is(err, pybase64.ErrCorrupt) {
		return "base64"
	}
	for name, known := range verdictErrors {
		if errors.Is(err, known) {
			return name
		}
	}
	return err.Error()
}

type liveReply struct {
	site    liveSite
	answers []liveAnswer
}

func askLive(t *testing.T, python string, questions []question) (reply liveReply) {
	t.Helper()
	var in bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, q := range questions {
		if err := encoder.Encode(q.ask); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(python, "-W", "ignore", "testdata/live.py")
	command.Stdin, command.Stderr = &in, os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<24)
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &reply.site) != nil {
		t.Fatal("no greeting from live.py")
	}
	for lines.Scan() {
		var a liveAnswer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		reply.answers = append(reply.answers, a)
	}
	if len(reply.answers) != len(questions) {
		t.Fatalf("%d answers to %d questions", len(reply.answers), len(questions))
	}
	return reply
}

func base64Questions(r *rand.Rand, n int) (questions []question) {
	const characters = "ABCDEFabcdef0189-_+/===\n\r .!~\x00\x7f\x80\xff\xc3\xa9"
	for range n / 2 {
		var text []byte
		switch r.IntN(3) {
		case 0: // anything at all
			for range r.IntN(24) {
				text = append(text, characters[r.IntN(len(characters))])
			}
		case 1: // a good text with accidents
			data := testenv.RandomText(r, r.IntN(40))
			text = []byte([]string{base64.RawURLEncoding.EncodeToString(data), base64.StdEncoding.EncodeToString(data)}[r.IntN(2)])
			for range r.IntN(4) {
				text = mutate(r, text, characters)
			}
		default:
			for range r.IntN(9) {
				text = append(text, "aQ=="[r.IntN(4)])
			}
		}
		s := string(text)
		questions = append(questions,
			question{[]any{"url", hex.EncodeToString(text)}, func() string { return ourBytes(pybase64.AppendURL(nil, s)) }},
			question{[]any{"std", hex.EncodeToString(text)}, func() string { return ourBytes(pybase64.AppendStd(nil, s)) }})
	}
	return questions
}

// mutate changes, inserts, deletes or doubles a little somewhere.
func mutate(r *rand.Rand, text []byte, characters string) []byte {
	text = bytes.Clone(text)
	at := r.IntN(len(text) + 1)
	c := characters[r.IntN(len(characters))]
	switch r.IntN(5) {
	case 0:
		return append(text[:at:at], append([]byte{c}, text[at:]...)...)
	case 1:
		return text[:at]
	case 2:
		return append(text[:at:at], text[r.IntN(len(text)+1):]...)
	default:
		if at < len(text) {
			text[at] = c
		}
		return text
	}
}
