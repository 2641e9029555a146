//go:build !linux

package testenv

import "errors"

var errLinuxOnly = errors.New("the processes of a server can be paused and killed on Linux only")

func (p *process) freeze() error { return errLinuxOnly }

func (p *process) thaw() error { return errLinuxOnly }

// kill leaves it to the server's children to notice.
func (p *process) kill() error {
	_ = p.cmd.Process.Kill()
	<-p.exited
	return nil
}
