package main

import (
	"os"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// TestRedisClusterAndSentinel: a Cluster and a Sentinel's master hold sessions as a single
// server does.
func TestRedisClusterAndSentinel(t *testing.T) {
	if os.Getenv("DJSESSION_MATRIX") != "full" {
		t.Skip("DJSESSION_MATRIX=full starts a Cluster and Sentinels")
	}
	cluster := testenv.NewRedisCluster(t)
	sentinel := testenv.NewRedisSentinel(t)
	for name, url := range map[string]string{
		"cluster":  "redis://" + strings.Join(cluster.Addrs(), ","),
		"one node": "redis+cluster://" + cluster.Addrs()[0],
		"sentinel": "sentinel://" + strings.Join(sentinel.Addrs(), ",") + "/" + sentinel.Name + "/0",
	} {
		t.Run(name, func(t *testing.T) {
			c := newSite(t)
			c.fill(50)
			d := c.with("DJANGO_SESSION_ENGINE", "cache").with("CACHE_URL", url).with("DJANGO_CACHE_KEY_PREFIX", testenv.NewKeyPrefix())
			c.targetOf(d).run("copy").check(t, 0, "", "50 sessions copied\n")
			if got := strings.Count(d.list("--limit", "0"), "\n"); got != 50 {
				t.Errorf("%d sessions are listed", got)
			}
			key := d.create(oddities)
			d.ok("set", key, "f", "2.0")
			if got := d.ok("get", key, "f"); got != "2.0\n" {
				t.Errorf("get: %s", got)
			}
			d.ok("delete", key)
			d.run("show", key).check(t, 1, "", "no such session")
		})
	}
}
