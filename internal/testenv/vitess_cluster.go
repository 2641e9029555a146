package testenv

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// VitessCluster is a Vitess of separate processes: two shards of three tablets, each with its own
// MySQL server under semi-synchronous replication, etcd, VTOrc, which replaces primaries that fail,
// and VTGate. It needs 3 GiB of memory.
type VitessCluster struct {
	// Database is the keyspace, as VTGate shows it.
	Database *Database

	gate     *Server
	as       account
	programs string
	topology []string // flags
	etcd     *process
	orc      *process
	tablets  []*vitessTablet
}

// VitessShards are the shards of VitessKeyspace.
var VitessShards = []string{"-80", "80-"}

const vitessTabletsPerShard = 3 // of which one acknowledges what the primary commits, and one may be down

// NewVitessCluster starts a VitessCluster for one test.
func NewVitessCluster(t testing.TB) *VitessCluster {
	t.Helper()
	c := &VitessCluster{}
	t.Cleanup(func() {
		if t.Failed() && c.gate != nil {
			t.Logf("log of VTGate:\n%s", c.gate.Log())
		}
		if err := c.stop(); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	failOrSkip(t, c.start(ctx))
	return c
}

func (c *VitessCluster) start(ctx context.Context) error {
	programs, err := besideDir("vitess")
	if err != nil {
		return err
	}
	etcd, err := besideDir("etcd")
	if err != nil {
		return err
	}
	c.programs = filepath.Join(programs, "bin")
	if c.gate, c.as, err = newServer(MySQLVendor, "", "djsession-vg-"); err != nil {
		return err
	}
	c.gate.ask, c.gate.adminName = syscall.SIGTERM, VitessKeyspace
	c.Database = c.gate.Database(VitessKeyspace)
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error { return c.startTopology(ctx, debianProgram(etcd, "usr/bin/etcd")) },
		c.startTablets, c.elect, c.startGate,
	} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("starting Vitess: %w", err)
		}
	}
	return nil
}

// startTopology starts etcd and registers the cell and the keyspace.
func (c *VitessCluster) startTopology(ctx context.Context, etcd []string) error {
	client, peer, err := twoURLs()
	if err != nil {
		return err
	}
	c.topology = []string{"--topo-implementation", "etcd2", "--topo-global-server-address", strings.TrimPrefix(client, "http://"), "--topo-global-root", "/vitess/global"}
	c.etcd, err = startProcess(c.as, c.gate.dir, filepath.Join(c.gate.dir, "etcd.log"), syscall.SIGKILL, append(etcd,
		"--data-dir", filepath.Join(c.gate.dir, "etcd"), "--unsafe-no-fsync", "--listen-client-urls", client, "--advertise-client-urls", client,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer)...)
	if err != nil {
		return err
	}
	if err := eventuallyNil(ctx, func() error {
		return c.control(ctx, nil, "AddCellInfo", "--root", "/vitess/test", "--server-address", strings.TrimPrefix(client, "http://"), "test")
	}); err != nil {
		return err
	}
	for _, keyspace := range []string{VitessKeyspace} {
		if err := errors.Join(c.control(ctx, nil, "CreateKeyspace", "--durability-policy=semi_sync", keyspace),
			c.control(ctx, nil, "ApplyVSchema", "--vschema", vitessClusterSchema, keyspace)); err != nil {
			return err
		}
	}
	return nil
}

// vitessClusterSchema has sessions only.
const vitessClusterSchema = `{"sharded": true, "vindexes": {"xxhash": {"type": "xxhash"}}, "tables": {
	"django_session": {"column_vindexes": [{"column": "session_key", "name": "xxhash"}]}}}`

func twoURLs() (a, b string, err error) {
	one, err := freePort("127.0.0.1")
	if err != nil {
		return "", "", err
	}
	two, err := freePort("127.0.0.1")
	return fmt.Sprint("http://127.0.0.1:", one), fmt.Sprint("http://127.0.0.1:", two), err
}

// control runs a command of vtctldclient, which talks to etcd and the tablets itself, and decodes
// its JSON into result unless that is nil.
func (c *VitessCluster) control(ctx context.Context, result any, command ...string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	argv := append([]string{"--server", "internal", "--action-timeout", "30s"}, c.topology...)
	out, err := exec.CommandContext(ctx, filepath.Join(c.programs, "vtctldclient"), append(argv, command...)...).Output()
	if err != nil {
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w: %s", err, failed.Stderr[max(0, len(failed.Stderr)-2000):])
		}
		return fmt.Errorf("vtctldclient %s: %w", command[0], err)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(out, result)
}

// elect makes the first tablet of each shard its primary, and starts VTOrc.
func (c *VitessCluster) elect(ctx context.Context) (err error) {
	for i, shard := range VitessShards {
		err := eventuallyNil(ctx, func() error {
			return c.control(ctx, nil, "PlannedReparentShard", "--new-primary", c.tablets[i*vitessTabletsPerShard].alias, VitessKeyspace+"/"+shard)
		})
		if err != nil {
			return err
		}
	}
	port, err := freePort("127.0.0.1")
	if err != nil {
		return err
	}
	argv := append([]string{filepath.Join(c.programs, "vtorc"), "--port", strconv.Itoa(port), "--bind-address", "127.0.0.1", "--cell", "test",
		"--instance-poll-time", "1s", "--recovery-poll-duration", "1s", "--topo-information-refresh-duration", "2s", "--log_dir", c.gate.dir}, c.topology...)
	c.orc, err = startProcess(c.as, c.gate.dir, filepath.Join(c.gate.dir, "vtorc.log"), syscall.SIGKILL, argv...)
	return err
}

func (c *VitessCluster) startGate(ctx context.Context) error {
	return c.gate.launch(ctx, func(port int) (*process, error) {
		web, err := freePort(c.gate.Host)
		if err != nil {
			return nil, err
		}
		grpc, err := freePort(c.gate.Host)
		if err != nil {
			return nil, err
		}
		argv := append([]string{filepath.Join(c.programs, "vtgate"), "--port", strconv.Itoa(web), "--bind-address", c.gate.Host,
			"--grpc-port", strconv.Itoa(grpc), "--grpc-bind-address", c.gate.Host, "--log_dir", c.gate.dir,
			"--mysql-server-port", strconv.Itoa(port), "--mysql-server-bind-address", c.gate.Host, "--mysql-auth-server-impl", "none",
			"--cell", "test", "--cells-to-watch", "test", "--tablet-types-to-wait", "PRIMARY,REPLICA", "--enable-buffer",
			"--service-map", "grpc-vtgateservice"}, c.topology...)
		return startProcess(c.as, c.gate.dir, c.gate.logPath(), syscall.SIGKILL, argv...)
	})
}

// stop ends all processes.
func (c *VitessCluster) stop() error {
	var err error
	end := func(p *process) {
		if p != nil {
			err = errors.Join(err, p.kill())
		}
	}
	end(c.orc)
	if c.gate != nil && c.gate.process != nil {
		end(c.gate.process)
	}
	for _, tablet := range c.tablets {
		if tablet != nil {
			end(tablet.process)
			if tablet.mysql != nil {
				err = errors.Join(err, tablet.mysql.Stop())
			}
		}
	}
	end(c.etcd)
	if c.gate != nil && c.gate.process != nil {
		err = errors.Join(err, c.gate.Stop())
	}
	return err
}

// eventuallyNil calls f until it returns nil.
func eventuallyNil(ctx context.Context, f func() error) error {
	for {
		err := f()
		if err == nil || errors.Is(err, errTabletEnded) {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}
