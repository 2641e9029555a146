package django_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/serializer"
)

// TestNothingSecretIsPrinted: whatever is printed or logged by mistake holds
// neither a secret nor a session's key or data.
func TestNothingSecretIsPrinted(t *testing.T) {
	const hidden = "hush4hush4hush4hush4hush4hush4hu"
	set := django.DefaultSettings()
	set.SecretKey, set.SecretKeyFallbacks = hidden, []string{hidden + "old"}
	codec, err := django.NewCodec(set, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var data serializer.Dict
	v, err := serializer.Encode(hidden)
	if err != nil {
		t.Fatal(err)
	}
	data.Set("a", v)
	sessions, err := django.New(set, memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	session := sessions.NewSession()
	if err := session.Set("a", hidden); err != nil {
		t.Fatal(err)
	}
	for _, one := range []any{
		set, &set, codec, sessions, session,
		django.Record{Key: hidden, Data: &data, Version: hidden}, &django.Record{Key: hidden},
		django.Write{Key: hidden, Data: &data},
	} {
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("one", "value", one)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("one", "value", one)
		asJSON, _ := json.Marshal(struct{ S any }{set})
		text := fmt.Sprintf("%v %+v %#v %s %q", one, one, one, one, one) + log.String() + string(asJSON)
		if strings.Contains(text, hidden) {
			t.Errorf("%T is printed with what is secret: %s", one, strings.ReplaceAll(text, hidden, "*"))
		}
	}
	if text := fmt.Sprintf("%+v", set); !strings.Contains(text, "SessionCookieName:sessionid") {
		t.Errorf("the settings are printed as %s", text)
	}
}
