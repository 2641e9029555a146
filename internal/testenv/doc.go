// Package testenv gives tests database servers and real Djangos.
//
// Servers are started from the machine's packages, MySQL and others from what tools/setup has
// fetched, in temporary directories, on free ports of the loopback interface, and end with the test. Djangos are the virtual
// environments that tools/setup creates.
//
// A test is skipped, with the reason, if the machine lacks what it needs. With
// DJSESSION_REQUIRE=servers, it fails if a server is missing or no Django can run; with
// "all", also if a single Django is missing. What tools/setup has left out for a reason, such as
// MySQL without a Debian mirror, is required only of `make matrix`.
package testenv
