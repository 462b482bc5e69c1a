/*
 * Preloaded next to libasan.  A library's constructor calls bindtextdomain(),
 * whose strdup() starts libasan, whose failing dlsym() asks gettext for the
 * message: under the lock that bindtextdomain() holds.  Tests need no messages
 * in other languages.
 */
char *
bindtextdomain(const char *domain, const char *dir)
{
	return (char *) dir;
}

char *
textdomain(const char *domain)
{
	return (char *) domain;
}

char *
bind_textdomain_codeset(const char *domain, const char *codeset)
{
	return (char *) codeset;
}
