package testenv

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// vitessTablet is a VTTablet with its MySQL server.
type vitessTablet struct {
	alias, shard string
	mysql        *Server
	process      *process
}

const firstTablet = 100 // its id

// startTablets starts the MySQL servers, each with its tablet.
func (c *VitessCluster) startTablets(ctx context.Context) error {
	var starting sync.WaitGroup
	errs := make([]error, len(VitessShards)*vitessTabletsPerShard)
	c.tablets = make([]*vitessTablet, len(errs))
	for i := range errs {
		tablet := &vitessTablet{alias: fmt.Sprintf("test-%010d", firstTablet+i), shard: VitessShards[i/vitessTabletsPerShard]}
		c.tablets[i] = tablet
		starting.Go(func() { errs[i] = c.startTablet(ctx, tablet, firstTablet+i) })
	}
	starting.Wait()
	return errors.Join(errs...)
}

func (c *VitessCluster) startTablet(ctx context.Context, tablet *vitessTablet, id int) (err error) {
	tablet.mysql, err = StartMySQL(ctx, "", Durable(), WithSetting("log-bin", "binlog"), WithSetting("gtid-mode", "ON"),
		WithSetting("enforce-gtid-consistency", "ON"), WithSetting("server-id", strconv.Itoa(id)), WithSetting("relay-log", "relay"),
		WithSetting("plugin-load-add", "semisync_source.so"), WithSetting("plugin-load-add", "semisync_replica.so"))
	if err != nil {
		return err
	}
	if err := c.letIn(ctx, tablet.mysql); err != nil {
		return err
	}
	web, err := freePort("127.0.0.1")
	if err != nil {
		return err
	}
	grpc, err := freePort("127.0.0.1")
	if err != nil {
		return err
	}
	data := filepath.Join(tablet.mysql.dir, "data")
	argv := append([]string{filepath.Join(c.programs, "vttablet")}, c.topology...)
	argv = append(argv, "--tablet-path", tablet.alias, "--tablet-hostname", "127.0.0.1", "--init-keyspace", VitessKeyspace, "--init-shard", tablet.shard,
		"--init-tablet-type", "replica", "--health-check-interval", "1s", "--log_dir", tablet.mysql.dir,
		"--port", strconv.Itoa(web), "--bind-address", "127.0.0.1", "--grpc-port", strconv.Itoa(grpc), "--grpc-bind-address", "127.0.0.1",
		"--service-map", "grpc-queryservice,grpc-tabletmanager,grpc-updatestream",
		"--mycnf-server-id", strconv.Itoa(id), "--mycnf-mysql-port", strconv.Itoa(tablet.mysql.Port), "--mycnf-socket-file", filepath.Join(data, "mysql.sock"),
		"--mycnf-data-dir", data, "--mycnf-relay-log-path", filepath.Join(data, "relay"), "--mycnf-bin-log-path", filepath.Join(data, "binlog"),
		"--db-socket", filepath.Join(data, "mysql.sock"), "--db-charset", "utf8mb4")
	for _, user := range []string{"app", "dba", "allprivs", "appdebug", "filtered", "repl"} {
		argv = append(argv, "--db-"+user+"-user", "vitess", "--db-"+user+"-password", c.gate.Password)
	}
	tablet.process, err = startProcess(c.as, tablet.mysql.dir, filepath.Join(tablet.mysql.dir, "tablet.log"), syscall.SIGKILL, argv...)
	if err != nil {
		return err
	}
	return eventuallyNil(ctx, func() error {
		if !tablet.process.running() {
			return fmt.Errorf("%w\n%s", errTabletEnded, tablet.process.logTail())
		}
		conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(grpc)), time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err
	})
}

// letIn makes the user of all tablets in a MySQL server, which then has no history.
func (c *VitessCluster) letIn(ctx context.Context, mysql *Server) error {
	db, err := mysql.Database("mysql").Open()
	if err != nil {
		return err
	}
	defer db.Close()
	var statements []string
	for _, host := range []string{"localhost", "127.0.0.1"} {
		user := "'vitess'@'" + host + "'"
		statements = append(statements, "CREATE USER "+user+" IDENTIFIED BY '"+c.gate.Password+"'", "GRANT ALL ON *.* TO "+user+" WITH GRANT OPTION")
	}
	return executeAll(ctx, db, append(statements, "RESET BINARY LOGS AND GTIDS")...)
}

var errTabletEnded = errors.New("a tablet ended")

// primary returns the tablet that is a shard's primary by the topology.
func (c *VitessCluster) primary(ctx context.Context, shard string) (*vitessTablet, error) {
	var found struct {
		Shard struct {
			Primary struct {
				UID int `json:"uid"`
			} `json:"primary_alias"`
		}
	}
	if err := c.control(ctx, &found, "GetShard", VitessKeyspace+"/"+shard); err != nil {
		return nil, err
	}
	if i := found.Shard.Primary.UID - firstTablet; i >= 0 && i < len(c.tablets) {
		return c.tablets[i], nil
	}
	return nil, fmt.Errorf("shard %s has no primary", shard)
}

// Reparent makes another tablet of a shard its primary, as an operator does before maintenance.
func (c *VitessCluster) Reparent(ctx context.Context, shard string) error {
	return c.control(ctx, nil, "PlannedReparentShard", VitessKeyspace+"/"+shard)
}

// KillPrimary ends the primary of a shard and its MySQL server with SIGKILL, and returns when the shard
// has another primary. It cannot come back by itself: it may have committed what no replica has. With
// two tablets left, a shard loses another one only at the price of its writes.
func (c *VitessCluster) KillPrimary(ctx context.Context, shard string) error {
	killed, err := c.primary(ctx, shard)
	if err != nil {
		return err
	}
	if err := errors.Join(killed.mysql.Kill(), killed.process.kill()); err != nil {
		return err
	}
	return eventuallyNil(ctx, func() error {
		if now, err := c.primary(ctx, shard); err != nil || now == killed {
			return fmt.Errorf("shard %s has no other primary: %w", shard, err)
		}
		return nil
	})
}
