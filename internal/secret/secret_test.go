package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/secret"
)

type holder struct {
	Name string
	key  secret.Text
	old  []secret.Text
}

// However a holder is printed, logged or marshaled, the secret is not in it.
func TestTextIsNotPrinted(t *testing.T) {
	const hidden = "hush4hush4hush4hush4hush4hush4hu"
	text := secret.New(hidden)
	h := holder{"name", text, []secret.Text{text}}
	var out bytes.Buffer
	for _, v := range []any{text, &text, []secret.Text{text}, map[string]secret.Text{"a": text}, h, &h, []holder{h}, []*holder{&h}, struct{ a any }{h}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p"} {
			fmt.Fprintf(&out, verb, v)
		}
		fmt.Fprintln(&out, v, fmt.Errorf("with %v", v))
		slog.New(slog.NewTextHandler(&out, nil)).Info("one", "value", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("one", "value", v)
		asJSON, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(asJSON)
	}
	for _, form := range []string{hidden, fmt.Sprintf("%x", hidden), fmt.Sprintf("%X", hidden), fmt.Sprintf("%d", []byte(hidden))[1:40]} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret is printed as %s", form)
		}
	}
	if h.key.Value() != hidden || h.old[0].Value() != hidden || (secret.Text{}).Value() != "" {
		t.Error("Value does not return the secret")
	}
}
