package compat

import (
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// TestPythonRows runs the tests of the session engines djsession.db and djsession.cached_db with every Django: on one
// database each, in turn; in full, on all of them, with and without time zones and with pickles where Django has them.
func TestPythonRows(t *testing.T) {
	modules := []string{"tests.test_merge", "tests.test_update", "tests.test_rows", "tests.test_checks", "tests.test_requests"}
	for i, version := range testenv.Djangos(t) {
		for j, d := range databases {
			if !full && j != i%len(databases) {
				continue
			}
			for zone := range 2 {
				if !full && zone != i/len(databases) {
					continue
				}
				t.Run(version.Name+"/"+d.name+[]string{"/USE_TZ", "/local"}[zone], func(t *testing.T) {
					t.Parallel()
					cmd := pythonTests(t, version, d.newFor(t, version), nil, zone == 0, "unittest", modules...)
					if pickles := zone == 1 && !version.AtLeast(5, 0); pickles {
						cmd.Env = append(cmd.Env, "DJSESSION_TEST_SERIALIZER=django.contrib.sessions.serializers.PickleSerializer")
					}
					if output, err := cmd.CombinedOutput(); err != nil {
						t.Errorf("%v: %s", err, output[max(0, len(output)-8000):])
					}
				})
			}
		}
	}
}
