package tools

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLeaks: the tool reports every kind of secret without repeating it, and nothing else.
func TestLeaks(t *testing.T) {
	needs(t, "bash", "perl")
	const key = "k3k4k5k6k7k8k9l1l2l3l4l5l6l7l8l9"
	for line, kind := range map[string]string{
		`level=ERROR msg="request failed" key=` + key: "a session key",
		"sessionid=" + key + "; Path=/":               "a session key",
		"token aZ9kM4kM4kM4kM4kM4kM4kM4kM4kM4zA":      "a CSRF secret",
		".eJxVjEEOwiAQRe_C2hBKgYJL956BzDCDVA0kpV0Z765NutDtf-_9l4iwrSVunZc4kzgLLU6_G0J6cN0B3aHemkytrsuMclfkQbu8NuLn5XD": "",
		"eyJhIjoxfQ:1wXyZa:" + strings.Repeat("Ab-_9", 8) + "abc":                                                      "a signed text",
		"pbkdf2_sha256$1500000$salt$digest":                                                                            "a password hash",
		"_auth_user_hash " + strings.Repeat("0123456789abcdef", 4):                                                     "a login hash",
		"cannot open postgres://user:hunter2@host/name":                                                                "a password in a URL",
		"opened postgres://user:***@host/name":                                                                         "",
		"SECRET_KEY the-secret-of-the-site":                                                                            "a secret of the tests",
		"--- PASS: TestWithAVeryLongNameOfThirtyTwo (0.00s)":                                                           "",
		"d41d8cd98f00b204e9800998ecf8427e is a file's sum":                                                             "",
		"ok  	github.com/djsession/djsession/django	5.180s":                                                            "",
	} {
		file := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(file, []byte("a first line\n"+line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "./leaks", file).CombinedOutput()
		if found := err != nil; found != (kind != "") || !strings.Contains(string(out), kind) {
			t.Errorf("a line with %q: %v, %s", kind, err, out)
		}
		if kind != "" && !strings.Contains(string(out), file+":2: ") {
			t.Errorf("a line with %q: the place is not named: %s", kind, out)
		}
		if strings.Contains(string(out), key) {
			t.Errorf("a line with %q: the tool repeats the secret", kind)
		}
	}
	for _, args := range [][]string{nil, {filepath.Join(t.TempDir(), "nothing")}} {
		if err := exec.CommandContext(t.Context(), "./leaks", args...).Run(); err == nil {
			t.Errorf("tools/leaks %q succeeds", args)
		}
	}
}
