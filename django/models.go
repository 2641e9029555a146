package django

// UserModel describes the site's user model. The zero value is django.contrib.auth's own User.
// usertable.Open reads it; an option of Open overrides it.
type UserModel struct {
	// Label is AUTH_USER_MODEL, such as "accounts.Member"; empty is "auth.User".
	Label string
	// Database is the alias in DATABASES that the site's routers choose for the model; empty
	// is "default".
	Database string
	// Table is the model's db_table; empty is "auth_user".
	Table string
	// Key is the type of the primary key: "int", "uuid" or "text"; empty is "int".
	Key string
	// Columns has the column of each field that the model has, by the field's name in
	// django.contrib.auth's own model: "id" (the primary key), "username" (USERNAME_FIELD),
	// "password", "is_active", "last_login", "is_staff", "is_superuser", "email",
	// "first_name" and "last_name". A field that it lacks does not exist. nil means the
	// columns of django.contrib.auth's own User.
	Columns map[string]string
	// SessionAuthHash is the dotted path of the class that overrides
	// get_session_auth_hash, if one does. auth.New then requires WithSessionAuthHash.
	SessionAuthHash string
}

// SessionModel describes the table of the engines db and cached_db. The zero value is
// django_session. dbstore reads it; an option of dbstore.New overrides it.
type SessionModel struct {
	// Label is the model's label, such as "shop.ShopSession"; empty is "sessions.Session".
	Label string
	// Database is the alias in DATABASES that the site's routers choose for the model; empty
	// is "default".
	Database string
	// Table is the model's db_table; empty is "django_session".
	Table string
	// KeyLength is the max_length of session_key; 0 is 40.
	KeyLength int
	// ExtraColumns are the model's columns besides Django's three. A model that has some
	// needs dbstore.WithExtraColumns, unless they may be left to the database.
	ExtraColumns []string
}
