// Package serializer turns a session's dict into bytes and back, as Django's
// SESSION_SERIALIZER does, without changing what nobody touched.
//
// A [Dict] keeps Python's key order, and each [Value] stays in the bytes that it
// came in until somebody decodes it. Loading a session, setting one key and
// writing it back leaves every other key and value byte for byte as Django wrote
// it: 1.0 does not become 1, nor 2**70 a float; NaN, half surrogates, the order of
// keys and the spelling of numbers all stay.
//
// What Go sets is encoded by [Encode] as Python would have written it, and read by
// [Value.Decode] into any type that encoding/json knows, struct tags included, with
// Python's int and float kept apart.
//
// [JSON] is Django's JSONSerializer. Most programs use none of this directly: package
// django's Session is a Dict with a life of its own.
//
// Everything but Dict may be used by several goroutines at once. No error and no
// String method tells a key's value.
package serializer
