"""The tests that do not apply to Go, by name, each with the reason, and the differences that are declared."""

# ---- Sessions, signing and signed cookies

_FILES = ("FileSessionTests", "FileSessionPathLibTests")
_CACHED_DB = ("CacheDBSessionTests", "CacheDBSessionWithTimeZoneTests")
_CLASSES = ("DatabaseSessionTests", "DatabaseSessionWithTimeZoneTests", "CustomDatabaseSessionTests", "CacheSessionTests",
            "CookieSessionTests") + _FILES + _CACHED_DB


def _sessions(why, classes, *names):
    return {"sessions_tests.tests.%s.%s" % (c, n): why for c in classes for n in names}


SESSIONS = {
    "sessions_tests.tests.ClearSessionsCommandTests.test_clearsessions_unsupported":
        "the message of manage.py about an engine of a site's own, in Python, that lacks a method",
    "signing.tests.TestSigner.test_base64_hmac_default_algorithm_deprecation":
        "a deprecation warning about the default of a Python argument",
    "signing.tests.SignerPositionalArgumentsDeprecationTests.test_deprecation":
        "a deprecation warning about positional Python arguments",
    **{"sessions_tests.tests.SessionBaseTests.test_%s" % n:
        "an abstract method of a Python base class raises; in Go the compiler checks the Store interface"
       for m in ("create", "delete", "exists", "load", "save") for n in (m, "a" + m)},
    **_sessions("assigning to a Python property raises AttributeError; a Go Session has no setter", _CLASSES,
                "test_session_key_is_read_only"),
    **_sessions("SESSION_COOKIE_AGE = 0, which Go's settings refuse; TestFilesAndCookies compares what both sides clear",
                _FILES, "test_clearsessions_command"),
    **_sessions("a cache in the memory of the Python process, which no other process can read", ("CacheSessionTests",),
                "test_non_default_cache"),
    **_sessions("a Python exception for an alias that CACHES does not have; in Go the program makes the cache", _CACHED_DB,
                "test_non_default_cache"),
    **_sessions("a cache in Python that fails; TestCachedDBWithoutACache of package cachestore stops a real one", _CACHED_DB,
                "test_cache_set_failure_non_fatal", "test_cache_async_set_failure_non_fatal"),
    **_sessions("counts the queries of exists, which Go's Store does not have", _CACHED_DB, "test_exists_searches_cache_first"),
    **_sessions("empty in Django: signed cookies are not kept anywhere, so old keys stay valid", ("CookieSessionTests",),
                "test_save", "test_save_async", "test_cycle", "test_cycle_async", "test_actual_expiry_async"),
    **_sessions("Django fails it as well (expectedFailure): an expiry of the session's own is not enforced", ("CookieSessionTests",),
                "test_actual_expiry"),
    **_sessions("skipped by Django: signed cookies are not kept anywhere", ("CookieSessionTests",),
                "test_session_load_does_not_create_record", "test_session_load_does_not_create_record_async",
                "test_session_save_does_not_resurrect_session_logged_out_in_other_context",
                "test_session_asave_does_not_resurrect_session_logged_out_in_other_context"),
}

# ---- CSRF, password hashers and logins

LOGINS = {}  # tests
CLASSES = {}  # classes of tests, of which those in APPLICABLE apply after all
APPLICABLE = set()

# Tests that Go fails on purpose: the failure, as a regular expression, and where the difference is documented. They are
# counted apart. A test that does not fail in just this way fails the run.
DECLARED = {}


def logins(name):
    """Why a test of the suite "logins" does not apply, or None."""
    if name in LOGINS:
        return LOGINS[name]
    if name in APPLICABLE:
        return None
    return CLASSES.get(name.rpartition(".")[0])


def _tests(why, prefix, *names):
    for n in names:
        LOGINS["%s.%s" % (prefix, n)] = why


def _both(why, prefix, *names):
    """The tests and their asynchronous versions."""
    for n in names:
        _tests(why, prefix, "test_" + n, "test_a" + n)


# CSRF

_CSRF = "csrf_tests.tests."
_tests("Django's message about a missing SessionMiddleware; csrf.New requires the sessions",
       _CSRF + "CsrfViewMiddlewareUseSessionsTests", "test_no_session_on_request")
for _c in ("CsrfViewMiddlewareTests", "CsrfViewMiddlewareUseSessionsTests"):
    DECLARED[_CSRF + _c + ".test_reading_post_data_raises_os_error"] = (
        r"^Disagreement: Go: \{'reason': 'REASON_CSRF_TOKEN_MISSING', 'status': 403, .*\}; Django: OSError\('Deleted directories",
        "csrf/doc.go: a form that cannot be read in full is rejected like one without a token")

# hashers

_HASH = "auth_tests.test_hashers."
CLASSES[_HASH + "BasePasswordHasherTests"] = "the abstract Python class of hashers"
_tests("mocks of the hashers' internals; the time that Go takes for a wrong password cannot be mocked",
       _HASH + "TestUtilsHashPass",
       "test_bcrypt_harden_runtime", "test_pbkdf2_harden_runtime", "test_check_password_calls_harden_runtime",
       "test_check_password_calls_make_password_to_fake_runtime", "test_acheck_password_calls_make_password_to_fake_runtime")
_ARGUMENTS = "arguments that the Go API does not have: salts, and passwords that are not strings"
_tests(_ARGUMENTS, _HASH + "TestUtilsHashPass",
       "test_encode_invalid_salt", "test_encode_password_required", "test_invalid_password", "test_unspecified_password")
_tests("decoding a hash for display: Go has no function for it", _HASH + "TestUtilsHashPassArgon2", "test_argon2_decode")
_tests("decoding a hash for display: Go has no function for it", _HASH + "TestUtilsHashPassScrypt", "test_scrypt_decode")
_tests("a Python deprecation warning", _HASH + "TestUtilsHashPass", "test_sha1_deprecation_warning",
       "test_unsalted_md5_deprecation_warning", "test_unsalted_sha1_deprecation_warning")
_tests(_ARGUMENTS, _HASH + "TestUtilsHashPass",
       "test_unsalted_md5_encode_invalid_salt", "test_unsalted_sha1_encode_invalid_salt")
_tests("crypt, which Go does not support (auth/hashers/doc.go); Django removed it in 5.0", _HASH + "TestUtilsHashPass",
       "test_crypt", "test_crypt_encode_invalid_salt", "test_crypt_encode_invalid_hash", "test_crypt_deprecation_warning")

# logins

_BASIC = "auth_tests.test_basic.BasicTestCase"
_tests("users created by Django's ORM; usertable creates none",
       _BASIC, "test_unicode_username", "test_user_no_email", "test_superuser",
       "test_asuperuser", "test_superuser_no_email_or_password")
_tests("AUTH_USER_MODEL and the names of models in Python", _BASIC, "test_get_user_model", "test_swappable_user",
       "test_swappable_user_bad_setting", "test_swappable_user_nonexistent_model", "test_user_verbose_names_translatable")
_tests("a login without a user: in Go a user is a value; and a Python deprecation warning",
       "auth_tests.test_login.TestLogin",
       "test_without_user", "test_without_user_no_request_user", "test_without_user_anonymous_request",
       "test_without_user_authenticated_request")
_tests("Django's message about a missing SessionMiddleware", "auth_tests.test_middleware.TestAuthenticationMiddleware",
       "test_no_session")
_tests("methods of the Python class LoginRequiredMiddleware", "auth_tests.test_middleware.TestLoginRequiredMiddleware",
       "test_get_login_url_from_settings", "test_get_login_url_from_view_func", "test_get_login_url_no_login_url",
       "test_get_redirect_field_name_default", "test_get_redirect_field_name_from_view_func", "test_non_existent_path")

_BACKENDS = "auth_tests.test_auth_backends."
_OWN = "backends of the site's own, in Python"
for _c in ("BaseBackendTest", "RowlevelBackendTest", "AnonymousUserBackendTest", "InActiveUserBackendTest"):
    CLASSES[_BACKENDS + _c] = _OWN
_tests(_OWN, _BACKENDS + "PermissionDeniedBackendTest", "test_has_perm", "test_has_perm_denied", "test_ahas_perm",
       "test_ahas_perm_denied")
_tests(_OWN, _BACKENDS + "AuthenticateTests", "test_backend_uses_deferred_annotations", "test_type_error_raised")
_tests("what Django's debug page shows of an exception", _BACKENDS + "AuthenticateTests",
       "test_authenticate_sensitive_variables", "test_aauthenticate_sensitive_variables",
       "test_clean_credentials_sensitive_variables", "test_login_process_sensitive_variables",
       "test_setpasswordform_validate_passwords_sensitive_variables",
       "test_setpasswordform_validate_password_for_user_sensitive_variables",
       "test_passwordchangeform_clean_old_password_sensitive_variables", "test_model_backend_authenticate_sensitive_variables",
       "test_model_backend_async_authenticate_sensitive_variables")
_tests("AUTH_USER_MODEL and the names of models in Python", _BACKENDS + "ImproperlyConfiguredUserModelTest",
       "test_does_not_shadow_exception")
_tests("a Python class in place of a backend's path", _BACKENDS + "SelectingBackendTests", "test_non_string_backend")
for _c in ("ModelBackendTest", "ExtensionUserModelBackendTest", "CustomPermissionsUserModelBackendTest"):
    _both("a Python hasher of the test counts its calls", _BACKENDS + _c, "authentication_timing")
    _tests("a mock of asgiref's sync_to_async", _BACKENDS + _c, "test_aauthentication_timing_async_bridge")
    _tests("no username or no password: in Go they are strings", _BACKENDS + _c, "test_authentication_without_credentials")
for _t in ("test_permission_denied", "test_aauthenticate_permission_denied"):
    DECLARED[_BACKENDS + "PermissionDeniedBackendTest." + _t] = (
        r"^Disagreement: authenticate: Go: None, own_backend; Django: None$",
        "docs/logins.md, backends of the site's own: Authenticate does not go past one and returns an error")

_VIEWS = "auth_tests.test_views."
CLASSES.update({
    _VIEWS + "AuthViewNamedURLTests": "Django's URL patterns",
    _VIEWS + "RedirectURLMixinTests": "an option of a Python class, next_page",
    _VIEWS + "ChangelistTests": "views of the admin",
    _VIEWS + "UUIDUserTests": "views of the admin",
    _VIEWS + "PasswordResetTest": "password reset links by mail: Go has none",
    _VIEWS + "CustomUserPasswordResetTest": "password reset links by mail: Go has none",
    _VIEWS + "CustomUserCompositePrimaryKeyPasswordResetTest": "password reset links by mail: Go has none",
    _VIEWS + "UUIDUserPasswordResetTest": "password reset links by mail: Go has none",
})
APPLICABLE.update(_VIEWS + "PasswordResetTest." + _t for _t in (
    "test_confirm_login_post_reset", "test_confirm_login_post_reset_custom_backend",
    "test_confirm_login_post_reset_already_logged_in"))
DECLARED[_VIEWS + "LoginURLSettings.test_https_login_url"] = (
    r"^GoError: .*LOGIN_URL.*: the login URL has a scheme or \"//\", but no host",
    "internal/safeurl/login.go, ToLogin: no scheme without a host; auth.New rejects the setting")

_DECORATORS = "auth_tests.test_decorators."
CLASSES[_DECORATORS + "LoginNotRequiredTestCase"] = "attributes of a Python function"
_tests("what a Python decorator returns", _DECORATORS + "LoginRequiredTestCase", "test_callable", "test_view")
for _c in ("LoginRequiredTestCase", "PermissionsRequiredDecoratorTest", "UserPassesTestDecoratorTest"):
    _tests("what a Python decorator returns", _DECORATORS + _c, "test_wrapped_async_function_is_coroutine_function",
           "test_wrapped_sync_function_is_not_coroutine_function")

_tests("a test of the site's own, in Python, or another redirect field than next, which Go does not have",
       "auth_tests.test_mixins.UserPassesTestTests",
       "test_custom_redirect_parameter", "test_no_redirect_parameter", "test_raise_exception",
       "test_raise_exception_custom_message", "test_raise_exception_custom_message_function", "test_user_passes")
CLASSES["auth_tests.test_context_processors.PermWrapperTests"] = "Python objects for templates"
_tests("fields and messages of a Python form",
       "auth_tests.test_forms.AuthenticationFormTest", "test_get_invalid_login_error",
       "test_html_autocomplete_attributes", "test_username_field_autocapitalize_none", "test_username_field_label",
       "test_username_field_label_empty_string", "test_username_field_label_not_set")
_tests("whether the session was accessed; the suite of sessions has such tests",
       "auth_tests.test_context_processors.AuthContextProcessorTests",
       "test_session_not_accessed")
_tests("messages, which Go does not implement",
       "auth_tests.test_context_processors.AuthContextProcessorTests", "test_message_attrs")
_tests("Django's ORM and mails", "auth_tests.test_models.AbstractUserTestCase", "test_email_user", "test_last_login_default",
       "test_user_clean_normalize_email", "test_user_double_save")

DECLARED["utils_tests.test_http.URLHasAllowedHostAndSchemeTests.test_basic_auth"] = (
    r"^Disagreement: 'http://user:pass@testserver/' to \['user:pass@testserver'\]: Go: False; Django: True$",
    "internal/safeurl/safeurl.go, Allowed: a host that cannot be in a Host header, such as one with a username")

_tests("the Python function split_domain_port by itself",
       "requests_tests.tests.HostValidationTests", "test_split_domain_port",
       "test_split_domain_port_removes_trailing_dot")
_tests("Django's copy of Python's urlsplit",
       "utils_tests.test_http.URLHasAllowedHostAndSchemeTests", "test_invalid_bracketed_hosts",
       "test_splitting_bracketed_hosts")
