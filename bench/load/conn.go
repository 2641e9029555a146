package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// conn is a connection that is made when it is first needed, and made again after a response
// with Connection: close.
type conn struct {
	addr   string
	net    net.Conn
	reader *bufio.Reader
	body   []byte
}

func (c *conn) dial() error {
	n, err := net.Dial("tcp", c.addr)
	if err != nil {
		return err
	}
	c.net = n
	if c.reader == nil {
		c.reader = bufio.NewReaderSize(n, 16<<10)
	}
	c.reader.Reset(n)
	return nil
}

func (c *conn) close() {
	if c.net != nil {
		_ = c.net.Close()
		c.net = nil
	}
}

// do sends a request, reads the response and checks it.
func (c *conn) do(r *Request) error {
	if c.net == nil {
		if err := c.dial(); err != nil {
			return err
		}
	}
	if err := c.net.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	if _, err := c.net.Write(r.Text); err != nil {
		return fmt.Errorf("load: sending a request: %w", err)
	}
	status, last, err := c.read()
	if err != nil {
		return fmt.Errorf("load: reading a response: %w", err)
	}
	if last {
		c.close()
	}
	return r.Check(status, c.body)
}

// read reads a response, its body into c.body, and reports whether the connection ends.
func (c *conn) read() (status int, last bool, err error) {
	line, err := c.line()
	if err != nil {
		return 0, false, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, false, fmt.Errorf("%q is not HTTP/1.1", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, false, err
	}
	length := -1
	for {
		line, err := c.line()
		if err != nil {
			return 0, false, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch value = bytes.TrimSpace(value); {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, false, err
			}
		case bytes.EqualFold(name, []byte("Connection")):
			last = bytes.EqualFold(value, []byte("close"))
		}
	}
	if length < 0 || length > 1<<20 {
		return 0, false, errors.New("it needs a Content-Length, 1 MiB at most")
	}
	if cap(c.body) < length {
		c.body = make([]byte, length)
	}
	c.body = c.body[:length]
	_, err = io.ReadFull(c.reader, c.body)
	return status, last, err
}

// line reads a line of the head. It is valid until the next read.
func (c *conn) line() ([]byte, error) {
	line, err := c.reader.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}
