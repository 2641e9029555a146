package django

const (
	testCookieName  = "testcookie"
	testCookieValue = "worked"
)

// SetTestCookie sets a value whose return with a later request shows that the browser takes
// cookies. Django's set_test_cookie.
func (s *Session) SetTestCookie() {
	v, _ := s.encode(testCookieName, testCookieValue) // a string always encodes
	s.changeOrLog(func() { s.set(testCookieName, v) })
}

// TestCookieWorked reports whether the value of SetTestCookie came back. Django's
// test_cookie_worked.
func (s *Session) TestCookieWorked() bool {
	v, err := Value(s, testCookieName, "")
	return err == nil && v == testCookieValue
}

// DeleteTestCookie removes the value of SetTestCookie. Django's delete_test_cookie, without
// the KeyError.
func (s *Session) DeleteTestCookie() { s.Delete(testCookieName) }
