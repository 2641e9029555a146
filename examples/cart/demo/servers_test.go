package main

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestSplitPort(t *testing.T) {
	for addr, want := range map[string]int{"127.0.0.1:8000": 8000, "[::1]:0": 0, "8000": -1, ":8000": -1, "host:http": -1, "host:65536": -1, "host:-1": -1} {
		_, port, err := splitPort(addr)
		if (err == nil) != (want >= 0) || err == nil && port != want {
			t.Errorf("%s: %d, %v", addr, port, err)
		}
	}
}

func TestIsFree(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	if isFree(addr) {
		t.Error("an address in use counts as free")
	}
	listener.Close()
	if !isFree(addr) {
		t.Error("a free address counts as used")
	}
}

func TestEnvironmentIsTheDemosOwn(t *testing.T) {
	t.Setenv("PYTHONHOME", "/elsewhere")
	t.Setenv("DJANGO_SETTINGS_MODULE", "somebody.settings")
	t.Setenv("DJANGO_SECRET_KEY", "somebody's")
	t.Setenv("SHOP_DATABASE", "somebody's")
	t.Setenv("DJANGO_VERSION", "somebody's")
	t.Setenv("KEPT", "yes")

	env := config{database: "/the/demo's", secretKey: "the check's", version: "5.2.18"}.command("program").Env
	for _, want := range []string{"KEPT=yes", "SHOP_DATABASE=/the/demo's", "DJANGO_SECRET_KEY=the check's", "DJANGO_VERSION=5.2.18"} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, variable := range append(env, config{}.command("program").Env...) {
		if strings.Contains(variable, "somebody") || strings.HasPrefix(variable, "PYTHONHOME=") {
			name, _, _ := strings.Cut(variable, "=")
			t.Errorf("%s of this program's environment was handed on", name)
		}
	}
}

// The lines that tell where the two programs listen.
func TestReadyLines(t *testing.T) {
	for _, line := range []string{
		"Starting development server at http://127.0.0.1:41234/",      // Django 4.2
		"Starting WSGI development server at http://127.0.0.1:41234/", // Django 6.1
	} {
		if m := djangoReady.FindStringSubmatch(line); m == nil || m[1] != "http://127.0.0.1:41234" {
			t.Errorf("%q: %q", line, m)
		}
	}
	if m := frontReady.FindStringSubmatch("2026/01/02 03:04:05 INFO listening url=http://127.0.0.1:8000/cart/"); m == nil || m[1] != "http://127.0.0.1:8000" {
		t.Errorf("Go's line: %q", m)
	}
}

func TestNoFreePort(t *testing.T) {
	_, _, err := config{addr: "127.0.0.1:" + strconv.Itoa(65536)}.startFront(t.Context(), "http://127.0.0.1:1")
	if err == nil || !strings.Contains(err.Error(), "-addr") {
		t.Errorf("error %v, want one that names the flag", err)
	}
}
