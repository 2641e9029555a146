package sqldb

// longPiece is the length from which a piece of a value in a message counts as the value.
const longPiece = 8

// quotes reports whether a message holds a long piece of an argument: any of twice longPiece
// bytes, some of longPiece. Servers cut off what they quote, at both ends.
func quotes(message string, args []any) bool {
	var pieces map[string]bool
	for _, arg := range args {
		if w, ok := arg.(*watched); ok {
			arg = w.value
		}
		text, ok := arg.(string)
		if b, isBytes := arg.([]byte); isBytes {
			text, ok = string(b), true
		}
		if !ok || len(text) < longPiece {
			continue
		}
		if pieces == nil {
			pieces = map[string]bool{}
			for i := range len(message) - longPiece + 1 {
				pieces[message[i:i+longPiece]] = true
			}
		}
		for i := 0; i+longPiece <= len(text); i += longPiece {
			if pieces[text[i:i+longPiece]] {
				return true
			}
		}
	}
	return false
}
