package response

import (
	"bufio"
	"errors"
	"net"
	"net/http"
)

// ErrRefused is wrapped by an error of Hooks.Hijack after which the handler can still
// answer in another way.
var ErrRefused = errors.New("the connection cannot be hijacked")

func (p *Response) hijack() (net.Conn, *bufio.ReadWriter, error) {
	if p.replaced {
		return nil, nil, http.ErrHijacked
	}
	if p.status != 0 { // the handler has sent its headers, with what Commit put there
		return http.NewResponseController(p.w).Hijack()
	}
	h := p.w.Header()
	before := h.Clone()
	undo, done := func() {}, false
	defer func() { // also after a panic
		if !done {
			restore(h, before)
			undo()
		}
	}()
	var err error
	if undo, err = p.hooks.Hijack(h); err != nil {
		if !errors.Is(err, ErrRefused) {
			done = true
			p.status = http.StatusSwitchingProtocols
			p.fail(err)
			p.hooks.Sealed()
		}
		return nil, nil, err
	}
	conn, rw, err := http.NewResponseController(p.w).Hijack()
	if err != nil {
		return nil, nil, err
	}
	done = true
	p.status, p.committed = http.StatusSwitchingProtocols, true
	p.hooks.Sealed()
	return conn, rw, nil
}
