package main

import (
	"fmt"
	"io"
	"time"
)

// progressDelay is how long work takes before its progress is shown.
const progressDelay = 500 * time.Millisecond

// progress is a line on a terminal that says how far long work has come.
type progress struct {
	w     io.Writer
	from  time.Time // when to begin
	shown bool
}

func newProgress(w io.Writer) *progress { return &progress{w: w, from: time.Now().Add(progressDelay)} }

// show replaces the line by a text that is not shorter.
func (p *progress) show(text string) {
	if p.shown = p.shown || time.Now().After(p.from); p.shown {
		fmt.Fprint(p.w, "\r"+text)
	}
}

// clear removes the line.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
