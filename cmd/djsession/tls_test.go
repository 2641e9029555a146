package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestVerifiedTLS meets a server whose certificate is known, under a name that
// is in it and under one that is not.
func TestVerifiedTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what this is about
	server.StartTLS()
	defer server.Close()
	own := file(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))

	for _, test := range []struct {
		name, options, serverName string
		good                      bool
	}{
		{"chain", "?ssl-ca=" + own, "elsewhere.test", true},
		{"chain, said", "?ssl_mode=verify_ca&ssl-ca=" + own, "elsewhere.test", true},
		{"name", "?ssl_mode=VERIFY_IDENTITY&ssl-ca=" + own, "example.com", true},
		{"another name", "?ssl_mode=VERIFY_IDENTITY&ssl-ca=" + own, "elsewhere.test", false},
		{"unknown authority", "?ssl_mode=VERIFY_CA", "example.com", false},
		{"unknown authority, name", "?ssl_mode=VERIFY_IDENTITY", "example.com", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			config, _, err := mysqlConfig(parseURL(t, "mysql://h/shop"+test.options))
			if err != nil {
				t.Fatal(err)
			}
			if config.TLS == nil {
				t.Fatal("no TLS")
			}
			// As the driver does it.
			if config.TLS.ServerName = test.serverName; config.TLS.InsecureSkipVerify {
				config.TLS.ServerName = ""
			}
			conn, err := tls.Dial("tcp", server.Listener.Addr().String(), config.TLS)
			if err == nil {
				conn.Close()
			}
			if good := err == nil; good != test.good {
				t.Errorf("the handshake ends in %v", err)
			}
		})
	}
	if _, _, err := mysqlConfig(parseURL(t, "mysql://h/shop?ssl-ca="+file(t, "ca.pem", "nothing"))); err == nil {
		t.Error("a file without a certificate is accepted")
	}
	if err := verifyChain(tls.ConnectionState{PeerCertificates: []*x509.Certificate{server.Certificate()}}, x509.NewCertPool()); err == nil {
		t.Error("a certificate of an unknown authority is accepted")
	}
}
