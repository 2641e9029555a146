//go:build !linux

package filelock

// put puts the file temp into l's place.
func (l *File) put(temp string) error { return l.rename(temp) }
