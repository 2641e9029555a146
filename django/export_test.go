package django

import "io"

// WithRandom takes session keys from r.
func WithRandom(r io.Reader) Option { return func(o *options) { o.random = r } }
