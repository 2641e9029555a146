package payload

import "context"

// Slots is how many large texts and payloads this process works on at once. The others wait.
const Slots = 2

// Small is the size in bytes, of a text or a payload, up to which no slot is needed.
const Small = 64 << 10

var slots = make(chan struct{}, Slots)

// Hold is a slot that was taken, or none if it is zero. Who has one must not run a caller's code, and must release it
// before taking another.
type Hold struct{ taken bool }

// Take waits for a slot if size is larger than Small. If ctx ends first, it returns ctx.Err().
func Take(ctx context.Context, size int) (Hold, error) {
	if size <= Small {
		return Hold{}, nil
	}
	if hold := tryTake(); hold.taken {
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
func tryTake() Hold {
	select {
	case slots <- struct{}{}:
		return Hold{taken: true}
	default:
		return Hold{}
	}
}

// Release gives the slot back.
func (h *Hold) Release() {
	if h.taken {
		h.taken = false
		<-slots
	}
}
