package djangotest

// Option changes how [Manage] or [Site] starts a project.
type Option func(*options)

type options struct {
	python   string
	env      []string
	required bool
	migrate  bool
	settings []string // lines
	apps     []app
}

// app is a Django app.
type app struct{ name, models string }

// WithPython sets the Python to use: a path, or a name on PATH.
func WithPython(python string) Option { return func(o *options) { o.python = python } }

// WithEnv adds variables to the environment of the project's Python, as "NAME=value".
func WithEnv(env ...string) Option { return func(o *options) { o.env = append(o.env, env...) } }

// Required makes the test fail, instead of being skipped, if there is no Python with Django.
func Required() Option { return func(o *options) { o.required = true } }

// WithMigrate has Django migrate the database when [Manage] starts the project: for a database
// that is made for the tests.
func WithMigrate() Option { return func(o *options) { o.migrate = true } }

// WithSettings appends lines to the settings.py of a [Site].
func WithSettings(lines ...string) Option {
	return func(o *options) { o.settings = append(o.settings, lines...) }
}

// WithApp adds an app to a [Site], with this text as its models.py: a user model, for
// instance, which WithSettings(`AUTH_USER_MODEL = "accounts.Member"`) then names.
func WithApp(name, models string) Option {
	return func(o *options) { o.apps = append(o.apps, app{name, models}) }
}
