package testenv

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
)

const diskVariable = "DJSESSION_TESTENV_DISK"

// mountRefused is the exit status of a process that was not allowed to mount.
const mountRefused = 77

// Disk gives a test a directory on a disk of its own, of so many bytes, which really gets
// full. A file system can be mounted without changing the machine's only in a process of
// its own: there the test runs again, from its start. In the process that was asked it has
// then passed, failed or been skipped already, and ok is false:
//
//	dir, ok := testenv.Disk(t, 512<<10)
//	if !ok {
//		return
//	}
//
// t must not be a subtest. A kernel that refuses makes the test skip.
func Disk(t *testing.T, bytes int64) (dir string, ok bool) {
	t.Helper()
	if os.Getenv(diskVariable) == t.Name() {
		return mountDisk(t, bytes), true
	}
	output, err := againApart(t, syscall.CLONE_NEWNS)
	if errors.Is(err, syscall.EPERM) || mountIsRefused(err) {
		output, err = againApart(t, syscall.CLONE_NEWNS|syscall.CLONE_NEWUSER)
	}
	var ended *exec.ExitError
	switch {
	case err == nil:
	case mountIsRefused(err), !errors.As(err, &ended):
		missing(t, serversRequired(), fmt.Sprintf("a disk of the test's own needs a mount namespace, which the kernel refuses: %v", err))
	default:
		t.Fatalf("in a process with a small disk: %v\n%s", err, output)
	}
	return "", false
}

// againApart runs the test in a process with namespaces of its own.
func againApart(t *testing.T, namespaces uintptr) (output []byte, err error) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^"+regexp.QuoteMeta(t.Name())+"$")
	cmd.Env = append(os.Environ(), diskVariable+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Pdeathsig: syscall.SIGKILL}
	if namespaces&syscall.CLONE_NEWUSER != 0 {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	return cmd.CombinedOutput()
}

func mountIsRefused(err error) bool {
	var ended *exec.ExitError
	return errors.As(err, &ended) && ended.ExitCode() == mountRefused
}

func mountDisk(t *testing.T, bytes int64) string {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "") // nobody else is to see it
	if err == nil {
		err = syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=700", bytes))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(mountRefused)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}
