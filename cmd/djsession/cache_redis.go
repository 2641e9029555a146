package main

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// parseRedis reads what follows the scheme of a Redis or Valkey, and makes of it the URL in
// the form of go-redis. A password must not end up in a part that messages may show, so
// whatever looks like a password that was not percent-encoded is an error.
func (c *cacheSettings) parseRedis(scheme, rest string, s *secrets) error {
	if scheme == "unix" {
		c.text = "unix://" + rest
		u, err := url.Parse(c.text)
		if err != nil || u.Fragment != "" || u.Path == "" {
			return errors.New("write unix:///path/of/the/socket?db=0; percent-encode the special characters in a password")
		}
		s.addUserinfo(u)
		return nil
	}
	before, after := "redis", ""
	if strings.HasPrefix(scheme, "rediss") || scheme == "valkeys" {
		before = "rediss"
	}
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	user := ""
	if i := strings.LastIndex(authority, "@"); i >= 0 {
		user, authority = authority[:i+1], authority[i+1:]
	}
	path, query, _ := strings.Cut(tail, "?")
	if strings.ContainsAny(tail, "@#") {
		return errPassword
	}
	var hosts []string
	for host := range strings.SplitSeq(authority, ",") {
		port := "6379"
		if c.kind == redisSentinel {
			port = "26379"
		}
		host, err := address(host, port)
		if err != nil {
			return err
		}
		hosts = append(hosts, host)
	}
	if c.kind == redisServer && len(hosts) > 1 {
		c.kind = redisCluster
	}
	if c.kind == redisSentinel {
		master, db, _ := strings.Cut(strings.Trim(path, "/"), "/")
		if master == "" {
			return errors.New("name the master that the sentinels watch: sentinel://host:26379/mymaster/0")
		}
		path, after = "/"+db, "&master_name="+url.QueryEscape(master)
		var err error
		if user, query, err = sentinelUser(user, query, s); err != nil {
			return errPassword
		}
	}
	for _, host := range hosts[1:] {
		after += "&addr=" + url.QueryEscape(host)
	}
	if query += after; query != "" {
		query = "?" + strings.TrimPrefix(query, "&")
	}
	c.text = before + "://" + user + hosts[0] + strings.TrimSuffix(path, "/") + query
	u, err := url.Parse(c.text)
	if err != nil {
		return errPassword
	}
	s.addUserinfo(u)
	return nil
}

// sentinelUser makes of the user of the servers, and of the options sentinel_username and
// sentinel_password, what go-redis has in their places: the sentinels' user, and the options
// username and password.
func sentinelUser(user, query string, s *secrets) (newUser, newQuery string, err error) {
	server, err := url.Parse("redis://" + user + "host")
	if err != nil {
		return "", "", err
	}
	options, err := url.ParseQuery(query)
	if err != nil {
		return "", "", err
	}
	s.addUserinfo(server)
	s.add(options["sentinel_password"]...)
	if name, password := options.Get("sentinel_username"), options.Get("sentinel_password"); name+password != "" {
		newUser = url.UserPassword(name, password).String() + "@"
	}
	options.Del("sentinel_username")
	options.Del("sentinel_password")
	if password, ok := server.User.Password(); ok {
		options.Set("username", server.User.Username())
		options.Set("password", password)
	}
	return newUser, options.Encode(), nil
}

var errPassword = errors.New("cannot be read; percent-encode the special characters in the password")

// addUserinfo adds the password in a URL, in both spellings.
func (s *secrets) addUserinfo(u *url.URL) {
	if password, ok := u.User.Password(); ok {
		s.add(password, url.QueryEscape(password), url.PathEscape(password), strings.ReplaceAll(url.QueryEscape(password), "+", "%20"))
	}
	for _, name := range secretOptions {
		s.add(u.Query()[name]...)
	}
}

// address returns host:port of a server, with the default port.
func address(text, port string) (string, error) {
	if text == "" {
		return "", errors.New("name the host of the cache")
	}
	if _, _, err := net.SplitHostPort(text); err != nil {
		text = net.JoinHostPort(strings.Trim(text, "[]"), port)
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" || strings.Trim(port, "0123456789") != "" {
		return "", errPassword
	}
	return text, nil
}
