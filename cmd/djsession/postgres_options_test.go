package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// clearLibpqEnvironment unsets libpq's variables for the test.
func clearLibpqEnvironment(t *testing.T) {
	t.Helper()
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "PG") {
			t.Setenv(name, value) // which puts it back in the end
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// libpqParameters are the parameters of PostgreSQL 18's libpq, as its
// PQconndefaults lists them, each with a value that asks for something.
var libpqParameters = map[string]string{
	"service": "", "user": "u", "password": "p", "passfile": "/nowhere", "channel_binding": "require", "connect_timeout": "3", "dbname": "shop", "host": "h",
	"hostaddr": "127.0.0.1", "port": "5433", "client_encoding": "UTF8", "options": "-c statement_timeout=1", "application_name": "x", "fallback_application_name": "x",
	"keepalives": "1", "keepalives_idle": "1", "keepalives_interval": "1", "keepalives_count": "1", "tcp_user_timeout": "1",
	"sslmode": "require", "sslnegotiation": "direct", "sslcompression": "1", "sslcert": "", "sslkey": "", "sslcertmode": "disable", "sslpassword": "p", "sslrootcert": "system",
	"sslcrl": "/crl", "sslcrldir": "/crl", "sslsni": "0", "requirepeer": "postgres", "require_auth": "scram-sha-256",
	"min_protocol_version": "3.0", "max_protocol_version": "3.2", "ssl_min_protocol_version": "TLSv1.3", "ssl_max_protocol_version": "TLSv1.3",
	"gssencmode": "require", "krbsrvname": "postgres", "gsslib": "gssapi", "gssdelegation": "1", "replication": "database", "target_session_attrs": "read-write",
	"load_balance_hosts": "random", "scram_client_key": "x", "scram_server_key": "x", "oauth_issuer": "x", "oauth_client_id": "x", "oauth_client_secret": "x", "oauth_scope": "x",
	"sslkeylogfile": "/log",
}

// refusedParameters are those that djsession cannot honour.
var refusedParameters = []string{
	"sslcrl", "sslcrldir", "requirepeer", "gssencmode", "gsslib", "gssdelegation", "replication",
	"scram_client_key", "scram_server_key", "oauth_issuer", "oauth_client_id", "oauth_client_secret", "oauth_scope", "sslkeylogfile",
}

// Every parameter of libpq is honoured or refused by name. None goes to the server,
// which would refuse it in words of its own, and none that protects the connection
// is dropped.
func TestLibpqParameters(t *testing.T) {
	clearLibpqEnvironment(t)
	for name, value := range libpqParameters {
		if value == "" {
			continue // names files, see below
		}
		url := "postgres://h/shop?" + name + "=" + percentEncode(value)
		if name == "sslnegotiation" {
			url += "&sslmode=require"
		}
		config, err := postgreSQLConfig(parseURL(t, url))
		if slices.Contains(refusedParameters, name) {
			if err == nil || !strings.Contains(err.Error(), "option "+name+" of DATABASE_URL") {
				t.Errorf("%s: %v, want a refusal by name", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for sent := range config.RuntimeParams {
			if sent != "application_name" && sent != "options" {
				t.Errorf("%s: the server is sent %s", name, sent)
			}
		}
	}
}

// The environment variables of libpq that pgx does not read count, too.
func TestLibpqEnvironment(t *testing.T) {
	for variable, value := range map[string]string{
		"PGGSSENCMODE": "require", "PGREQUIREPEER": "postgres", "PGSSLCRL": "/crl", "PGSSLCRLDIR": "/crl", "PGREQUIRESSL": "1", "PGSSLMINPROTOCOLVERSION": "SSLv3",
		"PGHOSTADDR": "no address", "PGLOADBALANCEHOSTS": "some",
	} {
		t.Run(variable, func(t *testing.T) {
			clearLibpqEnvironment(t)
			t.Setenv(variable, value)
			if _, err := postgreSQLConfig(parseURL(t, "postgres://h/shop")); err == nil || !strings.Contains(err.Error(), variable) {
				t.Errorf("%v, want a refusal by name", err)
			}
		})
	}
	clearLibpqEnvironment(t)
	t.Setenv("PGGSSENCMODE", "require")
	postgresConfig(t, "postgres://h/shop?gssencmode=disable") // the URL overrides the variable
}

// A service file is read as the URL is.
func TestPostgreSQLServiceFile(t *testing.T) {
	clearLibpqEnvironment(t)
	services := file(t, "services", "[good]\nhost=h\nssl_min_protocol_version=TLSv1.3\nkeepalives_idle=5\n[bad]\nhost=h\ngssencmode=require\n[odd]\nhost=h\nwork_mem=1\n")
	t.Setenv("PGSERVICEFILE", services)
	config := postgresConfig(t, "postgres:///shop?service=good")
	if config.Host != "h" || config.TLSConfig.MinVersion != tls.VersionTLS13 || len(config.RuntimeParams) != 0 {
		t.Errorf("host %q, parameters %v", config.Host, config.RuntimeParams)
	}
	for service, words := range map[string]string{"bad": "gssencmode", "odd": "work_mem"} {
		if _, err := postgreSQLConfig(parseURL(t, "postgres:///shop?service="+service)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("service %s: %v", service, err)
		}
	}
}

func TestPostgreSQLOptions(t *testing.T) {
	clearLibpqEnvironment(t)
	versions := postgresConfig(t, "postgres://h1,h2/shop?ssl_min_protocol_version=tlsv1.3&ssl_max_protocol_version=TLSv1.3")
	checked := 0
	for _, config := range tlsConfigs(versions) {
		if config.MinVersion != tls.VersionTLS13 || config.MaxVersion != tls.VersionTLS13 {
			t.Errorf("TLS versions %x to %x", config.MinVersion, config.MaxVersion)
		}
		checked++
	}
	if checked != 2 {
		t.Errorf("%d TLS configurations, want one for each host", checked)
	}
	address := postgresConfig(t, "postgres://db.example.com/shop?hostaddr=192.0.2.7&sslmode=verify-full")
	if found, err := address.LookupFunc(t.Context(), address.Host); err != nil || !slices.Equal(found, []string{"192.0.2.7"}) || address.TLSConfig.ServerName != "db.example.com" {
		t.Errorf("hostaddr: connects to %v as %q: %v", found, address.TLSConfig.ServerName, err)
	}
	names := map[string]string{
		"application_name=a&fallback_application_name=b": "a", "fallback_application_name=b": "b",
	}
	for options, want := range names {
		if got := postgresConfig(t, "postgres://h/shop?"+options).RuntimeParams["application_name"]; got != want {
			t.Errorf("%s: application name %q, want %q", options, got, want)
		}
	}
	for _, options := range []string{
		"gssencmode=disable", "gssencmode=prefer", "replication=false", "load_balance_hosts=disable", "requiressl=0", "pool=true", "server_side_binding=true",
		"isolation_level=2", "prepare_threshold=0", "cursor_factory=x", "context=x", "conn_max_age=600", "conn_health_checks=true", "disable_server_side_cursors=true",
		"atomic_requests=true", "autocommit=true", "CONN_MAX_AGE=60",
	} {
		if c := postgresConfig(t, "postgres://h/shop?"+options); len(c.RuntimeParams) != 0 {
			t.Errorf("%s: the server is sent %v", options, c.RuntimeParams)
		}
	}
	if c := postgresConfig(t, "postgres://h/shop?dbname=other"); c.Database != "other" {
		t.Errorf("database %q: OPTIONS do not override the name", c.Database)
	}
	for options, words := range map[string]string{
		"sslmode=maybe": "sslmode", "gssencmode=maybe": "gssencmode", "sslnegotiation=maybe": "sslnegotiation", "channel_binding=maybe": "channel_binding",
		"require_auth=maybe": "require_auth", "target_session_attrs=maybe": "target_session_attrs", "connect_timeout=soon": "connect_timeout", "sslcertmode=maybe": "sslcertmode",
		"ssl_min_protocol_version=TLSv1.4": "ssl_min_protocol_version", "ssl_max_protocol_version=TLSv1": "ssl_max_protocol_version is lower",
		"ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2": "ssl_max_protocol_version is lower",
		"hostaddr=h": "hostaddr", "hostaddr=::1&host=h1,h2": "", "load_balance_hosts=always": "load_balance_hosts", "requiressl=1": "write sslmode=require",
		// What libpq refuses, too.
		"sslmoed=require": `"sslmoed"`, "ssl_mode=REQUIRED": `"ssl_mode"`, "ssl=true": `"ssl"`, "statement_timeout=5": `"statement_timeout"`, "search_path=a": `"search_path"`,
		"default_query_exec_mode=exec": `"default_query_exec_mode"`, "pool_max_conns=5": `"pool_max_conns"`, "host%3Dx%20sslmode=disable": `"***"`, "authtype=x": `"authtype"`,
	} {
		url := "postgres://h/shop?" + options
		if strings.Contains(options, "host=") {
			url = "postgres:///shop?" + options
		}
		if _, err := postgreSQLConfig(parseURL(t, url)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %s", options, err, words)
		}
	}
	for _, url := range []string{"postgres://%2Frun%2Fpg/shop?hostaddr=::1", "postgres://h1,h2/shop?hostaddr=::1"} {
		if _, err := postgreSQLConfig(parseURL(t, url)); err == nil || !strings.Contains(err.Error(), "hostaddr") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// A key of a client certificate may be encrypted.
func TestPostgreSQLKeyPassword(t *testing.T) {
	clearLibpqEnvironment(t)
	certificate, key := clientCertificate(t, "s3cret")
	url := "postgres://h/shop?sslmode=require&sslcert=" + percentEncode(certificate) + "&sslkey=" + percentEncode(key)
	if c := postgresConfig(t, url+"&sslpassword=s3cret"); len(c.TLSConfig.Certificates) != 1 {
		t.Error("the certificate is not used")
	}
	for _, options := range []string{"", "&sslpassword=wr0ng-s3cret"} {
		_, err := postgreSQLConfig(parseURL(t, url+options))
		if err == nil || strings.Contains(err.Error(), "wr0ng") {
			t.Errorf("%q: %v", options, err)
		}
	}
}

// A server that refuses is named once, whatever pgx tried: with TLS and without, by
// each address of the host.
func TestRefusedConnectionIsReportedOnce(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	listener.Close() // nobody listens there now
	for _, host := range []string{"127.0.0.1", "localhost"} {
		for _, options := range []string{"", "?sslmode=disable", "?sslmode=allow", "?hostaddr=127.0.0.1"} {
			r := newCLI(t).run("list", "--database-url", "postgres://u:pw@"+host+":"+port+"/x"+options)
			r.check(t, statusFailed, "", "cannot connect to PostgreSQL at "+host+":"+port)
			for _, words := range []string{"refused", port} {
				if n := strings.Count(r.stderr, words); n != 1 {
					t.Errorf("%s%s: %q is there %d times: %s", host, options, words, n, r.stderr)
				}
			}
		}
	}
	r := newCLI(t).run("list", "--database-url", "postgres://u:pw@name.invalid/x")
	if r.status != statusFailed || strings.Count(r.stderr, "lookup") > 1 || !strings.Contains(r.stderr, "name.invalid:5432") {
		t.Errorf("unknown host: status %d, %s", r.status, r.stderr)
	}
	r = newCLI(t).run("list", "--database-url", "mysql://u:pw@127.0.0.1:"+port+"/x")
	if r.status != statusFailed || strings.Count(r.stderr, "refused") != 1 {
		t.Errorf("MySQL: status %d, %s", r.status, r.stderr)
	}
}

// The options that a real server understands reach it.
func TestPostgreSQLOptionsOnServer(t *testing.T) {
	clearLibpqEnvironment(t)
	c := newCLI(t).on(servers.New(t, testenv.PostgreSQLVendor))
	url := c.env["DATABASE_URL"]
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	for _, options := range []string{"keepalives=1&tcp_user_timeout=5", "gssencmode=prefer", "load_balance_hosts=random", "options=-c%20statement_timeout%3D5000", "assume_role=none"} {
		c.with("DATABASE_URL", url+separator+options).list()
	}
	c.with("DATABASE_URL", url+separator+"ssl_min_protocol_version=TLSv1.2&target_session_attrs=any&client_encoding=LATIN1").list()
	c.with("DATABASE_URL", url+separator+"gssencmode=require").run("list").check(t, statusFailed, "", "option gssencmode")
}

// clientCertificate makes files of a certificate and of its key, encrypted as
// "openssl rsa -aes256 -traditional" does.
func clientCertificate(t *testing.T, password string) (certificate, key string) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	//lint:ignore SA1019 the only encryption that pgx reads
	block, err := x509.EncryptPEMBlock(rand.Reader, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(private), []byte(password), x509.PEMCipherAES256)
	if err != nil {
		t.Fatal(err)
	}
	certificate = file(t, "client.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	return certificate, file(t, "client.key", string(pem.EncodeToMemory(block)))
}
