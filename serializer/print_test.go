package serializer

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestPrintingTellsNothing(t *testing.T) {
	d := mustLoad(t, `{"s3cr3t":"s3cr3t"}`)
	v, _ := d.Get("s3cr3t")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "dict", d, "value", v)
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "dict", d, "value", v)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		fmt.Fprintf(&log, verb+verb, d, v)
		// fmt calls no methods here.
		fmt.Fprintf(&log, verb+verb, *d, struct {
			d Dict
			v Value
		}{*d, v})
	}
	if strings.Contains(log.String(), "s3cr3t") {
		t.Errorf("printed %s", log.String())
	}
	if got := fmt.Sprint(d, v); got != "dict of 1 keys string of 8 bytes" {
		t.Errorf("got %q", got)
	}
}
