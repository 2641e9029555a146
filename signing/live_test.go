package signing

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/base62"
	"github.com/djsession/djsession/internal/payload"
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

func liveSigner(t *testing.T, site liveSite) stamped {
	o := Options{Salt: "salt", Algorithm: site.Algorithm, LegacyAlgorithm: site.LegacyAlgorithm, Now: at(liveNow)}
	if site.Fallback {
		o.FallbackKeys = []string{"old"}
	}
	return newSigner(t, "TimestampSigner", "key", o).(stamped)
}

func signedQuestions(t *testing.T, r *rand.Rand, site liveSite, n int) (questions []question) {
	const characters = "ABCabc019-_=:.+/ \n!"
	s := liveSigner(t, site)
	plain := newSigner(t, "Signer", "key", Options{Salt: "salt", Algorithm: site.Algorithm})
	signers := []anySigner{s, s, s}
	for _, o := range []Options{{}, {Algorithm: SHA1}, {Algorithm: SHA256}, {Algorithm: SHA512}} {
		o.Salt, o.Now = "salt", at(liveNow)
		signers = append(signers, newSigner(t, "TimestampSigner", "key", o), newSigner(t, "TimestampSigner", "old", o))
	}
	for len(questions) < n {
		var text string
		switch r.IntN(4) {
		case 0: // mutated after signing
			text = string(signers[r.IntN(len(signers))].AppendPayload(nil, testenv.RandomText(r, r.IntN(200)), true))
			for range r.IntN(3) {
				text = string(mutate(r, []byte(text), characters))
			}
		case 1: // mutated before signing
			encoded, err := payload.Append(t.Context(), nil, testenv.RandomText(r, r.IntN(200)), true)
			if err != nil {
				t.Fatal(err)
			}
			for range r.IntN(3) {
				encoded = mutate(r, encoded, characters)
			}
			text = signers[r.IntN(len(signers))].Sign(string(encoded))
		case 2: // odd timestamps
			stamp := base62.Append(nil, 1_700_000_000+int64(r.IntN(40)-20))
			for range r.IntN(3) {
				stamp = mutate(r, stamp, characters)
			}
			text = plain.Sign("aGVsbG8:" + string(stamp))
		default: // anything
			var value []byte
			for range r.IntN(12) {
				value = append(value, []string{":", ".", "a", "0", "-", "\u00e9", "\U0001f600", "\x00"}[r.IntN(8)]...)
			}
			text = []string{string(value), plain.Sign(string(value)), s.Sign(string(value))}[r.IntN(3)]
		}
		if !utf8.ValidString(text) {
			continue
		}
		if r.IntN(2) == 0 {
			questions = append(questions,
				question{[]any{"unsign", text, nil}, func() string { return ourString(s.Unsign(text)) }},
				question{[]any{"loads", text, nil}, func() string { return ourBytes(s.Payload(text)) }})
			continue
		}
		maxAge := float64(r.IntN(64)-20) / 4
		questions = append(questions,
			question{[]any{"unsign", text, maxAge}, func() string { return ourString(s.TimestampSigner.Unsign(text, duration(maxAge))) }},
			question{[]any{"loads", text, maxAge}, func() string {
				return ourBytes(s.TimestampSigner.Payload(context.Background(), text, duration(maxAge)))
			}})
	}
	return questions
}

func cookieQuestions(t *testing.T, r *rand.Rand, site liveSite, n int) (questions []question) {
	reader := CookieOptions{Algorithm: site.Algorithm, LegacyAlgorithm: site.LegacyAlgorithm, Now: at(liveNow),
		WriteLegacySalt: !site.V2, LegacySaltFallback: site.V2}
	if site.Fallback {
		reader.FallbackKeys = []string{"old"}
	}
	c := cookieSigner(t, "key", reader)
	names, salts := []string{"a", "ab", "th\u00e9me"}, []string{"", "b", "\U0001f600b", "ab"}
	for len(questions) < n {
		name, salt := names[r.IntN(len(names))], salts[r.IntN(len(salts))]
		writer := cookieSigner(t, []string{"key", "old", "other"}[r.IntN(3)], CookieOptions{
			WriteLegacySalt: r.IntN(2) == 0,
			Algorithm:       []Algorithm{SHA1, SHA256}[r.IntN(2)],
			Now:             at(liveNow - float64(r.IntN(8))),
		})
		text := writer.Sign(name, salt, strings.Repeat("v:", r.IntN(3)))
		if r.IntN(3) == 0 {
			text = string(mutate(r, []byte(text), "ab:=-"))
		}
		if r.IntN(4) == 0 {
			name, salt = names[r.IntN(len(names))], salts[r.IntN(len(salts))]
		}
		if r.IntN(2) == 0 {
			questions = append(questions, question{[]any{"cookie", name, salt, text, nil},
				func() string { return ourString(c.Unsign(name, salt, text, NoMaxAge)) }})
			continue
		}
		maxAge := time.Duration(r.IntN(9)) * time.Second
		questions = append(questions, question{[]any{"cookie", name, salt, text, maxAge.Seconds()},
			func() string { return ourString(c.Unsign(name, salt, text, maxAge)) }})
	}
	return questions
}
