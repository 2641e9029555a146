package payload

import "context"

// slots holds a value for each large payload that is being worked on.
var slots = make(chan struct{}, Slots)

// Slots is how many large payloads this process works on at once: their bytes, and
// what is made of them, are in memory together. The others wait.
const Slots = 2

// Small is the size of a text, in bytes, above which decoding it takes a slot.
const Small = 32 << 10

// smallPayload is the size of a payload, in bytes, above which it takes a slot.
const smallPayload = 2 * Small

// Hold is a slot that was taken, or none if it is zero. Whoever has one must not run a
// caller's code, and must release it before taking another.
type Hold struct{ taken bool }

// Take waits for a slot. If ctx ends first, it returns ctx.Err().
func Take(ctx context.Context) (Hold, error) {
	if hold, ok := tryTake(); ok {
		return hold, nil
	}
	select {
	case slots <- struct{}{}:
		return Hold{taken: true}, nil
	case <-ctx.Done():
		return Hold{}, ctx.Err()
	}
}

// tryTake takes a slot if one is free.
func tryTake() (Hold, bool) {
	select {
	case slots <- struct{}{}:
		return Hold{taken: true}, true
	default:
		return Hold{}, false
	}
}

// Release gives the slot back.
func (h Hold) Release() {
	if h.taken {
		<-slots
	}
}
