package testenv

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

func sysProcAttr(as account, deathSignal syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Pdeathsig: deathSignal}
	if as.switched {
		attr.Credential = &syscall.Credential{Uid: as.uid, Gid: as.gid}
	}
	return attr
}

// unprivileged returns the account that servers run as.
func unprivileged() (account, error) {
	if os.Geteuid() != 0 {
		return account{name: os.Getenv("USER")}, nil
	}
	for _, name := range []string{"nobody", "postgres", "mysql"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(found.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(found.Gid, 10, 32)
		if errUID == nil && errGID == nil && uid != 0 {
			return account{name: name, uid: uint32(uid), gid: uint32(gid), switched: true}, nil
		}
	}
	return account{}, fmt.Errorf("%w: an unprivileged account (nobody) to run database servers as", ErrMissing)
}

// give makes the account the owner of a directory.
func give(dir string, to account) error {
	if !to.switched {
		return nil
	}
	return os.Chown(dir, int(to.uid), int(to.gid))
}
