package requests

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/djsession/djsession/bench/load"
)

// kind is a kind of request.
type kind struct {
	name, path string
	change     bool
}

var (
	read      = kind{name: "read", path: "/read"}
	change    = kind{name: "change", path: "/change", change: true}
	whoIs     = kind{name: "user", path: "/user"}
	anonymous = kind{name: "anonymous", path: "/read"}
)

// requests returns the requests of a kind to a server, for each connection. No two
// connections have the same session.
func (back *backend) requests(k kind, v *variant) [][]load.Request {
	byConnection := make([][]load.Request, connections)
	sessions := back.shared
	if k.change || v.foreign() {
		sessions = v.own
	}
	for i := range sessions {
		c := i % connections
		byConnection[c] = append(byConnection[c], request(k, v, &sessions[i]))
	}
	return byConnection
}

func request(k kind, v *variant, s *session) load.Request {
	text := "GET " + k.path + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n"
	if k != anonymous {
		text += "Cookie: sessionid=" + s.Key + "\r\n"
	}
	r := load.Request{Text: []byte(text + "\r\n")}
	r.Check = func(status int, body []byte) error {
		if status != http.StatusOK || !right(k, v, s, body) {
			return fmt.Errorf("%s: %s was answered %d, %q", v.name, k.name, status, body)
		}
		return nil
	}
	return r
}

// right reports whether a response is right, and notes the change that the server has made.
func right(k kind, v *variant, s *session, body []byte) bool {
	if k == whoIs {
		return string(body) == s.Username
	}
	if k == anonymous {
		return string(body) == "0"
	}
	number, err := strconv.Atoi(string(bytes.TrimSpace(body)))
	switch {
	case err != nil:
		return false
	case v.bare():
		return number > 100
	case k.change && v.inCookie(): // the request has the cookie from before the change
		return number == s.Visits+1
	case k.change:
		s.Visits++
	}
	return number == s.Visits
}

// verify sends a request by net/http and looks at the headers that Django would send.
func (back *backend) verify(k kind, v *variant) error {
	r, err := http.NewRequest(http.MethodGet, "http://"+v.process.addr+k.path, nil)
	if err != nil {
		return err
	}
	s := &back.shared[0]
	if k.change || v.foreign() {
		s = &v.own[0]
	}
	if k != anonymous {
		r.AddCookie(&http.Cookie{Name: "sessionid", Value: s.Key})
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", v.name, err, v.process.said())
	}
	defer res.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || !right(k, v, s, body.Bytes()) {
		return fmt.Errorf("%s: %s was answered %d, %q\n%s", v.name, k.name, res.StatusCode, body.Bytes(), v.process.said())
	}
	if v.foreign() {
		return nil
	}
	if vary := res.Header.Get("Vary"); vary != "Cookie" {
		return fmt.Errorf("%s: %s was answered with Vary: %q", v.name, k.name, vary)
	}
	cookies := res.Cookies()
	if !k.change {
		if len(cookies) > 0 {
			return fmt.Errorf("%s: %s was answered with a cookie", v.name, k.name)
		}
		return nil
	}
	if len(cookies) != 1 || cookies[0].Name != "sessionid" || cookies[0].Value != s.Key || cookies[0].MaxAge != 1209600 ||
		cookies[0].Path != "/" || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode || cookies[0].Expires.IsZero() {
		return fmt.Errorf("%s: %s was answered with the cookies %v", v.name, k.name, cookies)
	}
	return nil
}
