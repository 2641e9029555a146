package report

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/testenv"
)

// Machine is what the figures depend on.
type Machine struct {
	CPU      string            `json:"cpu"`
	Cores    int               `json:"cores"`
	MemoryGB int               `json:"memory_gb"`
	Kernel   string            `json:"kernel"`
	Commit   string            `json:"commit"` // with "+" if files differ from it
	Versions map[string]string `json:"versions"`
	Packages map[string]string `json:"packages"` // Go modules
}

// ReadMachine describes this machine and this working tree. What cannot be found out is left
// out.
func ReadMachine(ctx context.Context, django testenv.Django) Machine {
	output := func(name string, args ...string) string {
		out, err := exec.CommandContext(ctx, name, args...).Output()
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	m := Machine{
		CPU: cpu(), Cores: runtime.NumCPU(), MemoryGB: memoryGB(), Kernel: output("uname", "-sr"),
		Commit:   output("git", "rev-parse", "--short=12", "HEAD"),
		Versions: map[string]string{"Go": strings.TrimPrefix(runtime.Version(), "go"), "Django": django.Version, "Python": django.PythonVersion, "SQLite in Python": django.SQLite},
		Packages: map[string]string{},
	}
	if output("git", "status", "--porcelain", "--", ":(top)", ":(top,exclude)docs/benchmarks.*") != "" {
		m.Commit += "+"
	}
	maps.Copy(m.Versions, django.Drivers)
	for name, pattern := range map[string]string{"PostgreSQL": "postgres", "MariaDB": "mariadbd", "Redis": "redis-server"} {
		if version := versionIn(output(find(pattern), "--version")); version != "" {
			m.Versions[name] = version
		}
	}
	for line := range strings.Lines(output("go", "list", "-m", "-f", "{{if not (or .Main .Indirect .Replace)}}{{.Path}} {{.Version}}{{end}}", "all")) {
		if path, version, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			m.Packages[path] = version
		}
	}
	return m
}

// find returns the path of a server's program. Debian keeps some outside of PATH.
func find(program string) string {
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/", "/usr/sbin/", "/usr/local/sbin/"} {
		if paths, _ := filepath.Glob(pattern + program); len(paths) > 0 {
			return paths[len(paths)-1]
		}
	}
	return program
}

func versionIn(text string) string { return regexp.MustCompile(`\d+(\.\d+)+`).FindString(text) }

func cpu() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range bytes.Lines(text) {
		if name, value, _ := strings.Cut(string(line), ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func memoryGB() int {
	text, _ := os.ReadFile("/proc/meminfo")
	var kilobytes int
	_, _ = fmt.Sscanf(string(text), "MemTotal: %d kB", &kilobytes) // 0 where there is no such file
	return (kilobytes + 1<<19) >> 20
}

// lines returns the machine as lines of Markdown.
func (m Machine) lines() string {
	return fmt.Sprintf("%s, %d cores, %d GB, %s. Commit %s.\n\n%s.\n\nGo modules: %s.\n",
		m.CPU, m.Cores, m.MemoryGB, m.Kernel, m.Commit, list(m.Versions), list(m.Packages))
}

func list(versions map[string]string) string {
	var items []string
	for _, name := range slices.Sorted(maps.Keys(versions)) {
		items = append(items, name+" "+versions[name])
	}
	return strings.Join(items, ", ")
}
