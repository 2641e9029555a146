package main

import "syscall"

// childAttr has the kernel kill a child that is left behind, and keeps the
// terminal's Ctrl-C from it: the demo stops its programs in their order.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
