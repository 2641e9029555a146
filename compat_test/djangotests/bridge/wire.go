package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

var (
	in  = bufio.NewReaderSize(os.Stdin, 1<<20)
	out = bufio.NewWriter(os.Stdout)
	// now is the request's time. Every clock in this program shows it.
	now time.Time
)

// call is a request.
type call struct {
	ID     int             `json:"id"`
	Op     string          `json:"op"`
	Now    [2]int64        `json:"now"` // seconds and nanoseconds
	Site   json.RawMessage `json:"site"`
	Args   json.RawMessage `json:"args"`
	Return json.RawMessage `json:"return"` // the answer to ask, instead of a request

	args sessionArgs
}

// reply is the answer to a call.
type reply struct {
	ID      int      `json:"id"`
	Result  any      `json:"result"`
	Kind    string   `json:"kind,omitempty"` // of the error
	Message string   `json:"message,omitempty"`
	Logs    []string `json:"logs,omitempty"`
}

func read() (*call, error) {
	line, err := in.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	c := new(call)
	if err := json.Unmarshal(line, c); err != nil {
		fmt.Fprintln(os.Stderr, "bridge: unreadable request:", err)
		os.Exit(1)
	}
	return c, nil
}

func write(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		text, _ = json.Marshal(reply{Kind: "bridge", Message: "answer cannot be encoded: " + err.Error()})
	}
	out.Write(append(text, '\n'))
	out.Flush()
}

// bridgeError is a mistake in the bridge or in its caller, not an answer of the code
// under test.
type bridgeError struct{ text string }

// callError is an error that the call answers with.
type callError struct{ error }

// fail ends the call with a bridgeError.
func fail(format string, a ...any) { panic(bridgeError{fmt.Sprintf(format, a...)}) }

// must fails the call if there is an error.
func must[T any](v T, err error) T {
	if err != nil {
		fail("%v", err)
	}
	return v
}

// answer runs a call and writes its reply.
func answer(c *call) {
	r := reply{ID: c.ID}
	before := now
	func() {
		defer func() {
			if p := recover(); p != nil {
				switch p := p.(type) {
				case bridgeError:
					r.Kind, r.Message = "bridge", p.text
				case callError:
					r.Kind, r.Message = kindOf(p.error), p.Error()
				default:
					r.Kind, r.Message = "panic", fmt.Sprint(p)
				}
			}
		}()
		now = time.Unix(c.Now[0], c.Now[1])
		if len(c.Args) > 0 {
			if err := json.Unmarshal(c.Args, &c.args); err != nil {
				fail("%s: %v", c.Op, err)
			}
		}
		op := operations[c.Op]
		if op == nil {
			fail("no such operation: %q", c.Op)
		}
		result, err := op(c)
		r.Result = result
		if err != nil {
			r.Kind, r.Message = kindOf(err), err.Error()
		}
	}()
	r.Logs = logs.take()
	now = before
	write(r)
}

// ask asks the Python side, and answers the calls that it makes meanwhile.
func ask(what string, args any) json.RawMessage {
	write(map[string]any{"ask": what, "args": args})
	for {
		c, err := read()
		if err != nil {
			os.Exit(1)
		}
		if c.Return != nil {
			return c.Return
		}
		answer(c)
	}
}

func (c *call) ctx() context.Context { return context.Background() }

// argsOf decodes the arguments of a call.
func argsOf[T any](c *call) *T {
	a := new(T)
	if err := json.Unmarshal(c.Args, a); err != nil {
		fail("%s: %v", c.Op, err)
	}
	return a
}

func clock() time.Time { return now }
