package usertable_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

var keys = []usertable.Key{usertable.Integer, usertable.UUID, usertable.Text}

// readers are tables in a closed database, one for each type of key.
func readers(t testing.TB) (all []*usertable.Table) {
	db := connect(t, testenv.SQLite(t))
	db.Close()
	for _, k := range keys {
		all = append(all, open(t, db, usertable.WithKey(k)))
	}
	return all
}

// inSession is the value of this JSON as a session holds it.
func inSession(t testing.TB, text string) serializer.Value {
	t.Helper()
	d, err := serializer.JSON.Loads([]byte(`{"_auth_user_id": ` + text + ` }`))
	if err != nil {
		t.Fatal(err)
	}
	v, _ := d.Get("_auth_user_id")
	return v
}

func TestReadID(t *testing.T) {
	lines, err := os.ReadFile("testdata/ids.json")
	if err != nil {
		t.Fatal(err)
	}
	if n := readAsDjango(t, lines); n < 4000 {
		t.Errorf("only %d ids", n)
	}
}

// TestReadIDLive asks the newest Django that can run here about ids that no file has
// recorded.
func TestReadIDLive(t *testing.T) {
	python := testenv.NewestDjango(t).Executable(t)
	seed := fmt.Sprint(rand.Uint32())
	t.Logf("seed %s", seed)
	command := exec.Command(python, "-W", "ignore", "testdata/ids.py", seed, "4000")
	command.Stderr = os.Stderr
	lines, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	if n := readAsDjango(t, lines); n < 5000 {
		t.Errorf("only %d ids", n)
	}
}

// readAsDjango compares with what ids.py wrote, and returns how many ids there were.
func readAsDjango(t *testing.T, lines []byte) (n int) {
	t.Helper()
	all := readers(t)
	disagreements := 0
	scanner := bufio.NewScanner(bytes.NewReader(lines))
	scanner.Buffer(nil, 1<<20)
	for ; scanner.Scan(); n++ {
		var line [4]any
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		v := inSession(t, line[0].(string))
		for i, users := range all {
			want, wantOK := line[1+i].(string)
			if line[1+i] == true {
				if wantOK = true; v.Decode(&want) != nil {
					t.Fatal("no text")
				}
			}
			if got, ok := users.ReadID(v); got != want || ok != wantOK {
				if disagreements++; disagreements <= 20 {
					t.Errorf("%.99s for key %d: %.99q, %t; Django's %.99q, %t", line[0], keys[i], got, ok, want, wantOK)
				}
			}
		}
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestReadIDLatin1: Django reads a session's bytes as Latin-1.
func TestReadIDLatin1(t *testing.T) {
	all := readers(t)
	if id, ok := all[0].ReadID(inSession(t, "\"\xa07\x85\"")); !ok || id != "7" {
		t.Errorf("an integer between spaces: %q, %t", id, ok)
	}
	if id, ok := all[2].ReadID(inSession(t, "\"\xe9\"")); !ok || id != "\u00e9" {
		t.Errorf("a text: %q, %t", id, ok)
	}
}

// TestReadIDDigitRows: the digits of each script are ten in a row, from which
// their values follow.
func TestReadIDDigitRows(t *testing.T) {
	users := readers(t)[0]
	for _, zero := range []rune{0x660, 0xff10, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1fbf0, 0x11f50} {
		digits := []rune{'1'}
		for i := range rune(10) {
			digits = append(digits, zero+i)
		}
		v, err := serializer.Encode(string(digits))
		if err != nil {
			t.Fatal(err)
		}
		if id, ok := users.ReadID(v); !ok || id != "10123456789" {
			t.Errorf("the digits from %U: %q, %t", zero, id, ok)
		}
	}
}
