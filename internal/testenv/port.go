package testenv

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

// Ports from firstPort on, below those that systems hand out to clients and to listeners that
// ask for any port. So a server that is killed, or a proxy that refuses, finds its port free again.
const firstPort, ports = 20000, 12768

// reserved are UDP sockets with the numbers of this process's ports, by which no other process
// that runs tests takes one of them, not even while its server is down. They end with the process.
var (
	reserved   []net.PacketConn
	reservedMu sync.Mutex
)

// listen listens on a port that nobody uses, and reserves it.
func listen(host string) (net.Listener, error) {
	for range 100 {
		addr := net.JoinHostPort(host, strconv.Itoa(firstPort+rand.IntN(ports)))
		mark, err := net.ListenPacket("udp", addr)
		if err != nil {
			continue
		}
		listener, err := net.Listen("tcp", addr)
		if err == nil {
			reservedMu.Lock()
			reserved = append(reserved, mark)
			reservedMu.Unlock()
			return listener, nil
		}
		_ = mark.Close()
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

// freePort returns a port that nobody uses, and that only a program without tests may take.
func freePort(host string) (int, error) {
	listener, err := listen(host)
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
