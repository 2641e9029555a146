// Package sitesettings turns the settings of a Django project, as manage.py prints them, into
// the settings file that django.LoadSettings reads.
//
// [Read] takes three forms: what the report of package managepy returns, the output of
// `manage.py diffsettings --all`, and the JSON that [Snippet] prints. All write values as
// Python's repr. [Convert] makes a [File] of them. Errors name settings and lines, and never
// quote a value.
package sitesettings
