package cookie

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

// FuzzGet reads a Cookie header. Where net/http can read all of it, both find the
// same. After any header, a value that is quoted as Python quotes it is found.
func FuzzGet(f *testing.F) {
	for _, header := range []string{"", "a=1", "b=2; a=1; a=3", `a="x y"`, `a="\"\\\303\251"`, `a="\400\18"`, "a", "=1", ";;a=;", "a=1,b=2", `a="`, `a="\`, "a = 1"} {
		f.Add(header, "a", "v\u00e9\x00\";\\")
	}
	f.Fuzz(func(t *testing.T, header, name, value string) {
		got, ok := Get(http.Header{"Cookie": {header}}, name)
		if !ok && got != "" || len(got) > len(header) {
			t.Fatalf("%q: %q, %v", header, got, ok)
		}
		if all, err := http.ParseCookie(header); err == nil && isName(name) {
			want, there := "", false
			for _, c := range all {
				if c.Name == name {
					want, there = c.Value, true
					if !c.Quoted {
						want = strings.TrimSpace(want)
					}
				}
			}
			if got != want || ok != there {
				t.Fatalf("%q: %q, %v; net/http reads %q, %v", header, got, ok, want, there)
			}
		}

		text, latin1 := quoted(value)
		if latin1 && !strings.ContainsFunc(value, func(r rune) bool { return r > '~' }) && Quote(value) != text {
			t.Fatalf("%q is quoted as %q, want %q", value, Quote(value), text)
		}
		if latin1 && isName(name) {
			for _, lines := range [][]string{{header, name + "=" + text}, {header + ";" + name + "=" + text + "; x" + name + "=1"}} {
				if got, ok := Get(http.Header{"Cookie": lines}, name); !ok || got != value {
					t.Fatalf("%q: %q, %v; want %q", lines, got, ok, value)
				}
			}
		}
	})
}

// quoted is what Python's http.cookies writes for a value of Latin-1 characters.
func quoted(value string) (text string, latin1 bool) {
	const bare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~:"
	if value != "" && strings.Trim(value, bare) == "" {
		return value, true
	}
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range value {
		switch {
		case r > 0xff || r >= 0x80 && value[i] != 0xc2 && value[i] != 0xc3:
			return "", false
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case strings.ContainsRune(bare+" ()/<=>?@[]{}", r):
			b.WriteRune(r)
		default:
			b.Write([]byte{'\\', byte('0' + r>>6), byte('0' + r>>3&7), byte('0' + r&7)})
		}
	}
	b.WriteByte('"')
	return b.String(), true
}

// FuzzAdd: a cookie without a problem is one line, which net/http reads as it was
// meant and in which no attribute hides another.
func FuzzAdd(f *testing.F) {
	f.Add("sessionid", "", "/", "Lax", int32(1209600), true, false, false)
	f.Add("__Host-a", "example.com", "/a b", "None", int32(0), true, true, true)
	f.Add("a b", "a;b", "a", "lax", int32(-1), false, false, true)
	f.Add("shop:a", "", "", "lax", int32(1), false, true, false)
	f.Add("a", "", "", "NONE", int32(1), false, true, false)
	f.Fuzz(func(t *testing.T, name, domain, path, sameSite string, age int32, secure, httpOnly, untilClose bool) {
		const value = "0123456789abcdefghijklmnopqrstuv"
		c := Cookie{name, value, domain, path, sameSite, secure, httpOnly, int64(age), untilClose}
		if attribute, problem := c.Problem(); attribute != "" {
			if problem == "" || !strings.Contains("NAME DOMAIN PATH SAMESITE", attribute) {
				t.Fatalf("%+v: %q %q", c, attribute, problem)
			}
			return
		}
		now := time.Unix(1700000000, 0)
		h := http.Header{}
		c.Add(h, now)
		if !Sets(h, name) {
			t.Fatalf("%q is not seen to set %q", h, name)
		}
		want := http.Cookie{
			Name: name, Value: value, Path: path, Domain: domain, HttpOnly: httpOnly, Secure: secure,
			SameSite: map[string]http.SameSite{"lax": http.SameSiteLaxMode, "strict": http.SameSiteStrictMode, "none": http.SameSiteNoneMode}[strings.ToLower(sameSite)],
		}
		if !untilClose {
			// net/http has -1 for an age that is over, and 0 for none.
			if want.MaxAge = int(age); age <= 0 {
				want.MaxAge = -1
			}
			want.Expires = now.Add(time.Duration(age) * time.Second).UTC()
			if want.Expires.Before(time.Unix(0, 0)) {
				want.Expires = time.Unix(0, 0).UTC()
			}
		}
		compare(t, h, want)

		h = http.Header{}
		c.Delete(h)
		want.HttpOnly, want.MaxAge, want.Expires = false, -1, time.Unix(0, 0).UTC()
		want.Value, want.Quoted = "", true
		want.Secure = strings.EqualFold(sameSite, "None") || strings.HasPrefix(name, "__Secure-") || strings.HasPrefix(name, "__Host-")
		compare(t, h, want)
	})
}

func compare(t *testing.T, h http.Header, want http.Cookie) {
	t.Helper()
	lines := h["Set-Cookie"]
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	line := lines[0]
	attributes := 0
	for _, there := range []bool{want.Domain != "", want.Path != "", want.SameSite != 0, want.Secure, want.HttpOnly, want.MaxAge != 0, want.MaxAge != 0} {
		if there {
			attributes++
		}
	}
	if strings.Count(line, ";") != attributes || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
		t.Fatalf("%q has not %d attributes, or may not stand in a header", line, attributes)
	}
	if strings.ContainsAny(want.Domain+want.Path, `"\`) || strings.Contains(want.Name, ":") {
		return // which net/http does not read
	}
	got, err := http.ParseSetCookie(line)
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	got.Raw, got.RawExpires = "", ""
	want.Domain, want.Path = strings.TrimRight(want.Domain, " "), strings.TrimRight(want.Path, " ")
	if !reflect.DeepEqual(*got, want) {
		t.Fatalf("%q is read as\n%+v, want\n%+v", line, *got, want)
	}
}

// FuzzVary: the header then holds each name that it held and Cookie once, or only the
// star; a second call changes nothing.
func FuzzVary(f *testing.F) {
	for _, header := range []string{"", "Accept", "accept , cookie", "*", "a,*", ",,", "Cookie,Cookie"} {
		f.Add(header, "Origin")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		h := http.Header{"Vary": {first, second}}
		Vary(h)
		names := fields(h)
		star := names["*"] > 0
		if names["cookie"] == 0 && !star {
			t.Fatalf("%q and %q become %q", first, second, h["Vary"])
		}
		for name, n := range fields(http.Header{"Vary": {first, second}}) {
			if names[name] != n && !star {
				t.Fatalf("%q and %q become %q", first, second, h["Vary"])
			}
		}
		if Vary(h); !reflect.DeepEqual(fields(h), names) {
			t.Fatalf("%q and %q become %q at the second time", first, second, h["Vary"])
		}
	})
}

// fields counts the names in Vary headers.
func fields(h http.Header) map[string]int {
	names := map[string]int{}
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
				names[name]++
			}
		}
	}
	return names
}
