// Package testenv gives tests what they cannot have from Go alone: database servers
// of their own, and real Djangos that answer questions.
//
// Servers are started from the machine's packages in temporary directories, on free
// ports of the loopback interface, and are gone when the test is. Djangos are the
// virtual environments that tools/setup makes.
//
// What a machine lacks makes a test skip, with the reason. DJSESSION_REQUIRE turns that
// into a failure: "servers" for a missing server or when no Django can run, "all" for a
// missing Django, too.
package testenv
