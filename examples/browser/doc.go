// Package browser is a walk through the shop of examples/cart in Chromium: what only a
// browser decides, such as which cookies it keeps when it is closed, which it sends for
// another site's form, and what a script may read. It consists of tests, in a module of its
// own, since only they need the library that drives the browser.
//
//	go test                                                  walks
//	go test -run Shop/Pictures -pictures ../../docs/images   writes the README's pictures
package browser
