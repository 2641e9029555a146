package testenv

import (
	"net"
	"strconv"
	"testing"
)

// TestPortsAreReserved: a port is not handed out again, though nobody listens on it yet or any more.
// What reserves it is a socket, which another process sees as well.
func TestPortsAreReserved(t *testing.T) {
	for range 10 {
		port, err := freePort("127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		if port < firstPort || port >= firstPort+ports {
			t.Errorf("port %d is not one of ours", port)
		}
		if mark, err := net.ListenPacket("udp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			_ = mark.Close()
			t.Errorf("port %d is not reserved", port)
		}
	}
}
