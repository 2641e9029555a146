package messages

import (
	"errors"
	"log/slog"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/djversion"
)

// Messages are the flash messages of one Django site. Make them with [New]. They are safe
// for concurrent use.
type Messages struct {
	sessions *django.Sessions
	settings django.Settings // without the secrets
	format   format
	storage  storage
	jar      *jar
	logger   *slog.Logger
}

// An Option changes a default of [New].
type Option func(*Messages)

// WithLogger sets the logger, by default slog.Default(). A cookie that cannot be read and
// messages that could not be stored are logged, without their text.
func WithLogger(l *slog.Logger) Option { return func(m *Messages) { m.logger = l } }

// New returns the messages of the site whose sessions these are. Of the settings it uses
// MESSAGE_STORAGE, MESSAGE_LEVEL and MESSAGE_TAGS, and for the cookie
// SESSION_COOKIE_DOMAIN, SESSION_COOKIE_SECURE, SESSION_COOKIE_HTTPONLY and
// SESSION_COOKIE_SAMESITE. The error names a MESSAGE_STORAGE that is not one of Django's.
func New(sessions *django.Sessions, opts ...Option) (*Messages, error) {
	if sessions == nil {
		return nil, errors.New("messages: New needs the sessions that django.New returns")
	}
	m := &Messages{sessions: sessions, settings: sessions.Settings(), logger: slog.Default()}
	for _, opt := range opts {
		opt(m)
	}
	if m.logger == nil {
		return nil, errors.New("messages: an option of New was given nil")
	}
	version, _ := djversion.Parse(m.settings.DjangoVersion) // django.New has checked it
	m.format = format{version, m.settings.ReadOlderFormats}
	var err error
	if m.storage, err = storageOf(m.settings.MessageStorage); err != nil {
		return nil, err
	}
	if m.jar, err = newJar(m.format, &m.settings, sessions.Now); err != nil {
		return nil, err
	}
	m.settings.SecretKey, m.settings.SecretKeyFallbacks = "", nil
	return m, nil
}
