// Package filestore keeps sessions where Django's file engine keeps them, SESSION_ENGINE =
// "django.contrib.sessions.backends.file": in one file each, in the directory SESSION_FILE_PATH.
//
//	settings.SessionEngine = django.EngineFile
//	settings.SessionFilePath = "/var/lib/shop/sessions" // as in settings.py
//	sessions, err := django.New(settings, filestore.New(""))
//
// The service must run as the user that Django runs as: the files are readable for their owner
// only. Without SESSION_FILE_PATH, Django and this package use the system's temporary directory,
// which for a service under systemd may be its own (PrivateTmp) and not the site's.
//
// # Expiry
//
// The rules are those of Django's file engine, which has no column for the expiry: a session
// without an expiry of its own lives SESSION_COOKIE_AGE from the last modification of its file,
// one with a date until then. One with a number of seconds ([django.Session.SetExpiry]) ends
// with its cookie, but its file never expires; neither Django nor this package removes it.
// A session that cannot be read expires as one without an expiry of its own does.
// Unlike Django's, a Load removes nothing: [django.Sessions.ClearExpired] does. It treats an
// empty file, which a Django leaves behind whose disk is full, as an empty session; for Django
// that never expires.
//
// # Writers
//
// A file is replaced by a new one that was flushed to disk, and the directory is flushed too: a
// session that was saved survives a crash of the machine, and is never read in part. Writers
// that use this package lock the file (with flock, also between processes; on Windows with a
// lock file), so none of their changes is lost, and a session that one of them deleted stays
// deleted. The directory should be on a local disk: a file system that does not answer
// keeps a request waiting beyond its time.
//
// Django does not lock. Beside a Django:
//
//   - Django's save replaces the whole session by what it loaded, with its changes. What this
//     package stored between Django's load and save is lost, as it is between two Djangos.
//   - A save of this package notices what Django stored or deleted since the session was loaded.
//     On Linux, on a file system that can exchange two files (ext4, XFS, Btrfs, tmpfs), it
//     notices that in the step that puts the new file in place; if what came out was another
//     one, it is put back, and the save starts again. A Django that loads the session before it
//     is put back lacks what another Django saved and has what is saved here, before the save
//     returns; if it then saves the session, both stays so, and an increment may be made twice.
//     On a busy disk, in a session that both change without pause, that happened to 1 in 1,000
//     of Django's saves.
//   - Elsewhere, or if many writers keep the directory busy for longer than 0.2 s, the last look
//     comes right before that step. A save or logout of Django's between the two is lost: 6 % in
//     such a session.
//   - A delete, ClearExpired, or a login, which moves the session, looks at the file right before
//     it removes it. A save of Django's between the two is lost.
//   - Django's save first looks whether the file is there, and then puts the new one in its
//     place. A session that is deleted here in between comes back; and Django's cycle_key brings back
//     one that was deleted after it was loaded.
//   - Django removes the file of an expired session that it loads, also if the session is
//     saved here at that moment.
//   - Django ignores errors, such as a full disk: the session then keeps its old data, or is empty. Here
//     they are errors.
package filestore
