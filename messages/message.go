package messages

import "html/template"

// The levels of Django, django.contrib.messages.constants. A site may use others.
const (
	Debug   = 10
	Info    = 20
	Success = 25
	Warning = 30
	Error   = 40
)

// A Message is one flash message. Django's Message.
type Message struct {
	// Level is the importance. One beyond the range of int is the nearest int.
	Level int
	// Text is the message. In a page use [Message.HTML].
	Text string
	// ExtraTags are Django's extra_tags: further classes, separated by spaces.
	ExtraTags string
	// LevelTag is the tag of the level by MESSAGE_TAGS, such as "success"; empty if the level
	// has none.
	LevelTag string
	// Safe says that Text is HTML. Django's SafeString.
	Safe bool
}

// Tags returns ExtraTags and LevelTag, for the class of an element. Django's tags.
func (m Message) Tags() string {
	if m.ExtraTags == "" || m.LevelTag == "" {
		return m.ExtraTags + m.LevelTag
	}
	return m.ExtraTags + " " + m.LevelTag
}

// HTML returns Text for a page: escaped unless it is Safe, as Django's {{ message }} does.
func (m Message) HTML() template.HTML {
	if m.Safe {
		return template.HTML(m.Text)
	}
	return template.HTML(template.HTMLEscapeString(m.Text))
}

// String returns Text.
func (m Message) String() string { return m.Text }

var levelTags = map[int]string{Debug: "debug", Info: "info", Success: "success", Warning: "warning", Error: "error"}

// levelTag returns the tag of a level. MESSAGE_TAGS replaces Django's own.
func (m *Messages) levelTag(level int) string {
	if tag, ok := m.settings.MessageTags[level]; ok {
		return tag
	}
	return levelTags[level]
}
