package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary play the programs that the demo starts.
func TestMain(m *testing.M) {
	part, ok := os.LookupEnv("DEMO_TEST_PART")
	if !ok {
		os.Exit(m.Run())
	}
	fmt.Println("hello")
	switch part {
	case "serve": // and end when asked to
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		fmt.Println("ready at here")
		<-asked
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("ready at here")
		time.Sleep(time.Minute)
	case "print and end":
		fmt.Println("ready at here")
	case "fail":
		fmt.Fprintln(os.Stderr, "the reason")
		os.Exit(3)
	case "fail at the end":
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM)
		fmt.Println("ready at here")
		<-asked
		os.Exit(4)
	case "silent":
		time.Sleep(time.Minute)
	}
	os.Exit(0)
}
