// Package serializer turns a session's dict into bytes and back, as Django's
// SESSION_SERIALIZER does, and leaves unchanged what the program does not touch.
//
// [JSON] is Django's JSONSerializer. Its Loads returns a [Dict], which keeps Python's key
// order and holds each [Value] in the bytes that it came in. Loading a session, setting
// one key and writing it back leaves every other key and value byte for byte as Django
// wrote it: 1.0 does not become 1, nor 2**70 a float; NaN, lone surrogates, the order of
// keys and the spelling of numbers all stay.
//
// [Pickle] does the same for sessions that are pickled, as Django's caches keep them and its
// former PickleSerializer wrote them.
//
// [Encode] writes Go values as Python would, and [Value.Decode] reads a Value into any
// type that encoding/json knows, struct tags included, with Python's int and float kept
// apart. [EncodePickle] writes what only a pickled session can hold.
//
// Most programs need none of this: package django's Session has the same methods.
//
// All but Dict is safe for concurrent use. No error and no String method contains a key
// or a value.
package serializer
