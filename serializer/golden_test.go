package serializer

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// golden yields the lines of a file that testdata/generate_texts.py wrote, cut in two.
func golden(t *testing.T, name, separator string) [][2]string {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var lines [][2]string
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		if strings.HasPrefix(scanner.Text(), "#") {
			continue
		}
		input, output, ok := strings.Cut(scanner.Text(), separator)
		if !ok {
			t.Fatalf("%s: a line without its second half", name)
		}
		lines = append(lines, [2]string{input, output})
	}
	if len(lines) < 1000 {
		t.Fatalf("%s has %d lines only", name, len(lines))
	}
	return lines
}

func TestFloatsLikePython(t *testing.T) {
	for _, line := range golden(t, "floats.txt", " ") {
		bits, err := strconv.ParseUint(line[0], 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		f := math.Float64frombits(bits)
		if got, err := marshal(f); err != nil || string(got) != line[1] {
			t.Errorf("%x: got %s, %v; want %s", bits, got, err, line[1])
		}
		var back any
		if err := unmarshal([]byte(line[1]), &back); err != nil {
			t.Errorf("%s: %v", line[1], err)
		} else if b, ok := back.(float64); !ok || math.Float64bits(b) != bits && !math.IsNaN(f) {
			t.Errorf("%s was read as %T %v", line[1], back, back)
		}
	}
}

func TestStringsLikePython(t *testing.T) {
	for _, line := range golden(t, "strings.txt", "\t") {
		var s []byte
		for point := range strings.FieldsSeq(line[0]) {
			r, err := strconv.ParseUint(point, 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			if r >= 0xd800 && r < 0xe000 { // as UTF-8 would have it, were it allowed
				s = append(s, 0xed, 0x80|byte(r>>6&0x3f), 0x80|byte(r&0x3f))
			} else {
				s = append(s, string(rune(r))...)
			}
		}
		got, err := appendQuoted(nil, string(s))
		if err != nil || string(got) != line[1] {
			t.Errorf("% x: got %s, %v; want %s", s, got, err, line[1])
			continue
		}
		// A high half before a low one becomes their character, in Python too.
		if again, err := appendQuoted(nil, unquote(line[1])); err != nil || string(again) != line[1] {
			t.Errorf("%s was read as % x", line[1], unquote(line[1]))
		}
	}
}

func TestTextsLikePython(t *testing.T) {
	accepted := 0
	for _, line := range golden(t, "texts.txt", "\t") {
		var characters string // ASCII in the file, so encoding/json serves
		if err := json.Unmarshal([]byte(line[0]), &characters); err != nil {
			t.Fatal(err)
		}
		var text []byte
		for _, r := range characters {
			text = append(text, byte(r))
		}
		var value any
		err := unmarshal(text, &value)
		if line[1] == "refused" {
			if err == nil {
				t.Errorf("%q was read as %#v; Python refuses it", text, value)
			}
			continue
		}
		accepted++
		if err != nil {
			t.Errorf("%q: %v; Python reads %s", text, err, line[1])
			continue
		}
		if got, err := marshal(value); err != nil || string(got) != line[1] {
			t.Errorf("%q: got %s, %v; want %s", text, got, err, line[1])
		}
	}
	if accepted < 300 {
		t.Errorf("only %d texts that Python accepts", accepted)
	}
}
