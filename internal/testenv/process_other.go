//go:build !linux

package testenv

import (
	"fmt"
	"os"
	"syscall"
)

func sysProcAttr(account, syscall.Signal) *syscall.SysProcAttr { return nil }

// unprivileged returns the account that servers run as: this process's own.
func unprivileged() (account, error) {
	if os.Geteuid() == 0 {
		return account{}, fmt.Errorf("%w: starting servers as root works on Linux only; run the tests as another user", ErrMissing)
	}
	return account{name: os.Getenv("USER")}, nil
}

func give(string, account) error { return nil }
