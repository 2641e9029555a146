//go:build !linux

package requests

import (
	"errors"
	"os/exec"
	"time"
)

func endWithParent(*exec.Cmd) {}

func (p *process) cpu() (time.Duration, error) { return 0, errors.ErrUnsupported }
