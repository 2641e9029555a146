package csrf

import (
	"testing"

	"github.com/djsession/djsession/internal/djversion"
)

// Before 3.1 Django removes the quotes of a parameter's value only if it has not decoded it by
// RFC 2231; since then it does so first. The values are those of Django 2.2.28 and 3.2.25.
func TestQuotesOfDecodedParameters(t *testing.T) {
	for parameter, want := range map[string][2]string{
		`b*=utf-8''%22x%22`:  {`"x"`, `"x"`},
		`b*=utf-8''"x"`:      {`"x"`, `"x"`},
		`b*=utf-8''"x\"y"`:   {`"x\"y"`, `"x\"y"`},
		`b*="utf-8''x"`:      {`x"`, `x`},
		`b*="utf-8''%22x"`:   {`"x"`, `"x`},
		`b*="x"`:             {`x`, `x`},
		`b*=utf-8'%22x%22`:   {`utf-8'%22x%22`, `utf-8'%22x%22`},
		`b="utf-8''x"`:       {`utf-8''x`, `utf-8''x`},
		`b="utf-8''%22x%22"`: {`utf-8''%22x%22`, `utf-8''%22x%22`},
	} {
		for i, version := range []string{"2.2", "3.2"} {
			v, err := djversion.Parse(version)
			if err != nil {
				t.Fatal(err)
			}
			if _, params := parseHeader("a; "+parameter, v); params["b"] != want[i] {
				t.Errorf("Django %s reads %s as %s, here it is %s", version, parameter, want[i], params["b"])
			}
		}
	}
}

// The sections of an RFC 2231 value are put together as Python 3.14 does.
func TestSectionsOfParameters(t *testing.T) {
	for parameters, want := range map[string]string{
		`b*1=b; b*0=a`:                  `ab`,
		`b*0=b; b*0=a`:                  `ab`,
		`b*10=c; b*2=b; b*0=a`:          `abc`,
		`b*1*=%41; b*0*=utf-8''x%20`:    `x A`,
		`b*1=%41; b*0*=utf-8'en'x%20`:   `x %41`,
		`b*0=utf-8''x; b*1="y z"; b*2=`: `utf-8''xy z`,
	} {
		if _, params := parseHeader("a; "+parameters, djversion.V5_2); params["b"] != want {
			t.Errorf("%s: %q, want %q", parameters, params["b"], want)
		}
	}
}
