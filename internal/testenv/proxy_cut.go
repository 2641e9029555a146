package testenv

import (
	"bytes"
	"slices"
)

// cut is a connection's end at one certain point.
type cut struct {
	text  []byte
	after bool
	then  func()
	made  chan struct{}
}

// CutAfter resets the connection of the client that next sends text, after the server has
// received it and answered: the statement was executed, and the client does not learn it.
// The first bytes of the answer count as the answer, which is right for a statement that
// commits by itself. Before the reset then is called, unless it is nil: it may do anything
// to the proxy but close it. made is closed after the reset. Cuts that are asked for
// together are made one after the other.
func (p *Proxy) CutAfter(text string, then func()) (made <-chan struct{}) {
	return p.cut(&cut{text: []byte(text), after: true, then: then})
}

// CutBefore is CutAfter, but the server never receives the end of the text.
func (p *Proxy) CutBefore(text string, then func()) (made <-chan struct{}) {
	return p.cut(&cut{text: []byte(text), then: then})
}

func (p *Proxy) cut(c *cut) <-chan struct{} {
	c.made = make(chan struct{})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cuts = append(p.cuts, c)
	return c.made
}

// longestText bounds what of a text may have come in earlier chunks.
const longestText = 4 << 10

// sent notes what the client sends and returns the cut to be made now.
func (l *link) sent(chunk []byte) (now *cut) {
	seen := append(l.recent, chunk...)
	for i, c := range l.p.cuts {
		// A text that had come before it was asked for does not count.
		fresh := seen[max(0, len(l.recent)-len(c.text)+1):]
		if !bytes.Contains(fresh, c.text) {
			continue
		}
		l.p.cuts = slices.Delete(l.p.cuts, i, i+1)
		if c.after {
			l.awaited = c
		} else {
			now = c
		}
		break
	}
	l.recent = bytes.Clone(seen[max(0, len(seen)-longestText):])
	return now
}

// fall makes a cut.
func (l *link) fall(c *cut) {
	if c.then != nil {
		c.then()
	}
	l.p.mu.Lock()
	l.reset()
	l.p.mu.Unlock()
	close(c.made)
}
