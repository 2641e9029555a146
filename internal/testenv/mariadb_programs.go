package testenv

import "path/filepath"

// mariaDBPrograms are the words that make a data directory and those that start the server, to
// which the options are added.
type mariaDBPrograms struct{ install, server []string }

// mariaDBOf returns the programs of the system's MariaDB, or those of one beside it.
func mariaDBOf(beside string) (p mariaDBPrograms, err error) {
	if beside != "" {
		return mariaDBBeside(beside)
	}
	install, err := program("mariadb-install-db")
	if err != nil {
		return p, err
	}
	mariadbd, err := program("mariadbd")
	p.install = []string{install, "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"}
	p.server = []string{mariadbd, "--no-defaults"}
	return p, err
}

// mariaDBBeside fills the data directory as mariadb-install-db does, which would start the
// server without its own C library.
func mariaDBBeside(name string) (p mariaDBPrograms, err error) {
	root, err := besideDir(name)
	if err != nil {
		return p, err
	}
	share := filepath.Join(root, "usr", "share", "mariadb")
	p.server = append(debianProgram(root, "usr/sbin/mariadbd"), "--no-defaults", "--basedir="+filepath.Join(root, "usr"),
		"--lc-messages-dir="+share, "--character-sets-dir="+filepath.Join(share, "charsets"))
	const script = `{ echo "CREATE DATABASE mysql;"
		echo "USE mysql;"
		cd "$0" && cat mariadb_system_tables.sql mariadb_performance_tables.sql mariadb_system_tables_data.sql
	} | "$@" --bootstrap`
	p.install = append([]string{"/bin/sh", "-c", script, share}, p.server...)
	return p, nil
}
