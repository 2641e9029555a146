package sitesettings_test

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/djsession/djsession/internal/sitesettings"
)

// inUTF16 returns a text as the > of Windows PowerShell writes it.
func inUTF16(text string) string {
	b := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}

func snippetOutput(t *testing.T, changes map[string]string) string {
	t.Helper()
	text, err := json.Marshal(reprs(changes))
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// A dump is read whatever the shell and the project have put around it.
func TestFormsOfADump(t *testing.T) {
	all, snippet := dumpText(nil), snippetOutput(t, nil)
	for name, text := range map[string]string{
		"UTF-8 with a mark":       "\uFEFF" + all,
		"UTF-16":                  inUTF16(strings.ReplaceAll(all, "\n", "\r\n")),
		"colours":                 "\x1b[32;1m" + strings.ReplaceAll(all, "\n", "\x1b[0m\n\x1b[31;1m"),
		"a value with lines":      strings.Replace(all, "### YEAR", "SHOP = <Shop\n  a = b\n>\n### YEAR", 1),
		"last words":              all + "closing\n  the pool",
		"odd values of others":    strings.Replace(all, "### YEAR", "AUTH_LDAP_FLAGS = re.A|re.B\nLOGIN_X = <Ann's>\n### YEAR", 1),
		"JSON":                    snippet,
		"JSON with a mark":        "\uFEFF" + snippet,
		"JSON in UTF-16":          inUTF16(snippet),
		"JSON after a banner":     "ready {\"a\"\n" + snippet,
		"after lines of JSON":     "{\"event\": \"start\"}\n" + all,
		"JSON between others":     "{\"event\": \"start\"}\n" + snippet + "{\"event\": \"end\"}\n",
		"JSON before last words":  snippet + "closing {\n",
		"JSON after prompts":      ">>> >>> " + snippet + ">>> \n",
		"JSON after colours":      "\x1b[1mready\x1b[0m\n" + snippet,
		"JSON with odd values":    snippetOutput(t, map[string]string{"AUTH_X": "re.A|re.B", "SHOP": "{'"}),
		"JSON over several lines": "{\n" + strings.TrimPrefix(strings.ReplaceAll(snippet, `","`, "\",\n\""), "{"),
	} {
		dump, err := sitesettings.Read([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		file, err := sitesettings.Convert(dump, sitesettings.Options{DjangoVersion: "5.2"})
		if err != nil || value(t, file, "SECRET_KEY") != `"hush"` {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is not a dump, or not one to rely on, is refused by name.
func TestOtherFiles(t *testing.T) {
	all := dumpText(nil)
	for name, tt := range map[string]struct{ text, want string }{
		"Latin-1":             {strings.Replace(all, "'hush'", "'hush\xe9'", 1), "line 4 is not UTF-8; let manage.py write UTF-8"},
		"JSON in Latin-1":     {snippetOutput(t, nil) + "\xe9", "line 2 is not UTF-8"},
		"NUL bytes":           {strings.Replace(all, "'hush'", "'hush\x00'", 1), "line 4 holds a NUL byte"},
		"half a UTF-16":       {inUTF16(all)[:99], "UTF-16 and cut off"},
		"cut near the end":    {all[:strings.Index(all, "USE_X")], "the dump has no USE_X_FORWARDED_PORT"},
		"a settings file":     {`{"DJSESSION_SETTINGS": 1, "SECRET_KEY": "hush"}`, "this is a settings file already"},
		"cut JSON":            {snippetOutput(t, nil)[:99], "the JSON is broken off"},
		"JSON that is a list": {`["hush"]`, "neither the output"},
		"JSON of a package":   {`{"name": "hush", "dependencies": {}}`, "neither the output"},
		"YAML":                {"django:\n  SECRET_KEY: hush\n", "neither the output"},
		".env":                {"SECRET_KEY=hush\nDEBUG=on\n", "neither the output"},
		"pip freeze":          {"Django==5.2\nhush @ file:///a\n", "neither the output"},
		"a traceback":         {"Traceback (most recent call last):\n  File \"manage.py\", line 1\nKeyError: 'hush'\n", "neither the output"},
	} {
		_, err := sitesettings.Read([]byte(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// A line that may be a part of what matters is not skipped.
func TestBrokenLines(t *testing.T) {
	all := strings.Replace(dumpText(nil), "'hush'", "'hush'\nand more", 1)
	if _, err := sitesettings.Read([]byte(all)); err == nil || !strings.Contains(err.Error(), "line 5 is not a setting") {
		t.Errorf("%v", err)
	}
}

// Variables hold a key as its bytes, or not at all.
func TestEnvironmentOfOddKeys(t *testing.T) {
	text, err := convert(t, map[string]string{"SECRET_KEY": `b'it\'s\xff'`}).Environment()
	if err != nil || !strings.Contains(string(text), "DJANGO_SECRET_KEY='it'\\''s\xff'\n") {
		t.Errorf("%v: %q", err, text)
	}
	if text, err := convert(t, map[string]string{"SECRET_KEY": `'hush\x00'`}).Environment(); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("a NUL byte: %v: %q", err, text)
	}
}
