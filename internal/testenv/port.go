package testenv

import (
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports from firstPort on, below those that systems hand out to clients and to listeners that
// ask for any port. So a server that is killed, or a proxy that refuses, finds its port free again.
const firstPort, ports = 20000, 12768

// listen listens on a port that nobody uses.
func listen(host string) (net.Listener, error) {
	for range 100 {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(firstPort+rand.IntN(ports))))
		if err == nil {
			return listener, nil
		}
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

// freePort returns a port that nobody uses, which another process may take at any time.
func freePort(host string) (int, error) {
	listener, err := listen(host)
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
