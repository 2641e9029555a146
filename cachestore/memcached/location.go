package memcached

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// defaultPort is memcached's.
const defaultPort = 11211

// node is one of the servers in a location.
type node struct {
	network, address string // to connect to
	host             string // as it was configured, without brackets; or the path of a Unix socket
	port             int    // 0 for a Unix socket
}

// name returns the node as pymemcache calls it.
func (n node) name() string {
	if n.network == "unix" {
		return n.host
	}
	return n.host + ":" + strconv.Itoa(n.port)
}

// parseLocation returns the servers of a LOCATION, which Django splits at ";" and ",".
func parseLocation(location string) (nodes []node, err error) {
	if location == "" {
		return nil, errors.New("memcached: no servers: use the LOCATION of Django's cache")
	}
	for _, part := range strings.Split(strings.ReplaceAll(location, ",", ";"), ";") {
		n, err := parseServer(part)
		if err != nil {
			return nil, fmt.Errorf("memcached: server %q: %w", part, err)
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

func parseServer(server string) (node, error) {
	path, isPath := strings.CutPrefix(server, "unix:")
	switch {
	case server == "":
		return node{}, errors.New("an empty name, as before or after a separator, is a server of its own to Django, on localhost: remove it on both sides")
	case strings.TrimSpace(server) != server:
		return node{}, errors.New("remove the blanks around it, which are part of the name to Django")
	case isPath || strings.HasPrefix(server, "/"):
		return node{network: "unix", address: path, host: path}, nil
	case strings.HasPrefix(server, "udp:"):
		return node{}, errors.New("UDP is not supported")
	}
	host, port := server, defaultPort
	if i := strings.LastIndexByte(server, ':'); i >= 0 && !strings.HasSuffix(server, "]") {
		n, err := strconv.ParseUint(server[i+1:], 10, 16)
		if err != nil || n == 0 {
			return node{}, errors.New("the port is not a number from 1 to 65535")
		}
		host, port = server[:i], int(n)
	}
	bracketed := strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]")
	if bracketed {
		host = host[1 : len(host)-1]
	}
	switch {
	case host == "" || strings.ContainsAny(host, " []/"):
		return node{}, errors.New("it is not host:port, [IPv6]:port, unix:/path or /path")
	case strings.Contains(host, ":") && !bracketed:
		return node{}, errors.New("weights are not supported, and an IPv6 address needs brackets")
	}
	return node{network: "tcp", address: net.JoinHostPort(host, strconv.Itoa(port)), host: host, port: port}, nil
}
