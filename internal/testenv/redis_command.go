package testenv

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Command has a Redis server run a command, on a connection of its own, and returns the
// answer as text: the elements of an array each on a line.
func (s *Server) Command(ctx context.Context, command ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.Addr())
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	answers := bufio.NewReader(conn)
	if s.Password != "" {
		if _, err := redisCall(conn, answers, "AUTH", s.Password); err != nil {
			return "", err
		}
	}
	return redisCall(conn, answers, command...)
}

func redisCall(conn io.Writer, answers *bufio.Reader, command ...string) (string, error) {
	var text strings.Builder
	fmt.Fprintf(&text, "*%d\r\n", len(command))
	for _, word := range command {
		fmt.Fprintf(&text, "$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := io.WriteString(conn, text.String()); err != nil {
		return "", err
	}
	return redisAnswer(answers)
}

// redisAnswer reads an answer of the protocol's version 2.
func redisAnswer(answers *bufio.Reader) (string, error) {
	line, err := answers.ReadString('\n')
	if err != nil {
		return "", err
	}
	kind, rest := line[0], strings.TrimSuffix(line[1:], "\r\n")
	switch kind {
	case '+', ':':
		return rest, nil
	case '-':
		return "", fmt.Errorf("redis: %s", rest)
	}
	n, err := strconv.Atoi(rest)
	if err != nil || n < 0 {
		return "", err
	}
	if kind == '$' {
		value := make([]byte, n+2)
		_, err := io.ReadFull(answers, value)
		return string(value[:n]), err
	}
	lines := make([]string, n)
	for i := range lines {
		if lines[i], err = redisAnswer(answers); err != nil {
			return "", err
		}
	}
	return strings.Join(lines, "\n"), nil
}
