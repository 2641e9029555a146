package main

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progressDelay is how long work may take before a bar is worth showing.
const progressDelay = 500 * time.Millisecond

// progress shows on a terminal how far work has come, once it turns out to be
// long. A nil progress shows nothing.
type progress struct {
	bar  *progressbar.ProgressBar
	done int64
}

// startProgress returns a bar for total, which counts bytes or pieces; -1 is
// unknown.
func startProgress(w io.Writer, what string, total int64, bytes bool) *progress {
	return &progress{bar: progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(&lateWriter{w: w, from: time.Now().Add(progressDelay)}),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(bytes),
		progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetSpinnerChangeInterval(0),
		progressbar.OptionClearOnFinish(),
	)}
}

func (p *progress) add(n int64) {
	if p != nil {
		p.set(p.done + n)
	}
}

func (p *progress) set(done int64) {
	if p != nil {
		p.done = done
		// What does not get through to the terminal is no reason to stop the work.
		_ = p.bar.Set64(done)
	}
}

// hide makes room for a message; the bar comes back by itself.
func (p *progress) hide() {
	if p != nil {
		_ = p.bar.Clear()
	}
}

// finish takes the bar away.
func (p *progress) finish() {
	if p != nil {
		_ = p.bar.Finish()
	}
}

// lateWriter drops what is written before a moment.
type lateWriter struct {
	w    io.Writer
	from time.Time
}

func (l *lateWriter) Write(p []byte) (int, error) {
	if time.Now().Before(l.from) {
		return len(p), nil
	}
	return l.w.Write(p)
}
