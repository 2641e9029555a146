package main

import (
	"testing"

	"github.com/djsession/djsession/django"
)

// sign signs what encode would refuse or rewrite, with the key of c.
func sign(t *testing.T, c *cli, payload string) string {
	t.Helper()
	set := django.DefaultSettings()
	set.SecretKey = c.env["DJANGO_SECRET_KEY"]
	codec, err := django.NewCodec(set, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := codec.Sign(t.Context(), []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
