// Bench measures how fast the library is, against Django, against handlers written by hand
// and against other packages, and writes docs/benchmarks.md.
//
// It is a module of its own, so that the library does not depend on what it is compared with.
package main
