// Package pyjson is Python's json module for Go values: [Marshal] writes what
// json.dumps would write, [Unmarshal] takes what json.loads takes.
//
// encoding/json cannot stand in for it. It writes 2.0 as 2, has no NaN, reads
// every number into an any as a float64, replaces the surrogate halves that Python
// keeps, and escapes other characters; to a Python program sharing the data, each
// of these is another value.
//
// Which Go type goes with which JSON value is nonetheless encoding/json's,
// struct tags and interfaces included, so that types made for it work
// unchanged. Where that differs between Go releases, in tags with odd names say,
// this package does the same with each.
//
// # Text
//
// Django writes ASCII and reads Latin-1: to it, a byte beyond ASCII is a character of
// its own, and the UTF-8 of "é" is "Ã©". Reading here does the same. Writing gives
// ASCII.
//
// A Go string cannot hold half a surrogate pair, which a Python string
// can, except in bytes that are not valid UTF-8: the three that UTF-8 would
// use if it allowed it. Reading gives, and writing takes, just these.
//
// # Errors
//
// No error's text holds a value, or any part of the JSON text: what sessions
// carry may be secret, and errors end up in logs.
package pyjson
