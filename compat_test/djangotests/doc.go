// Package djangotests runs Django's own tests for sessions, signing, CSRF, password
// hashers and logins with this module's Go code doing the work. README.md explains how.
package djangotests
