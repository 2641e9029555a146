//go:build !unix

package main

// filePermissions cannot tell here.
func filePermissions(string) []diagnosis { return nil }
