/*
 * secrets_parse.c
 *		The language of the secrets file: "key = value" lines and [sections].
 */
#include "common/secrets_parse.h"

#define MAX_NAME 64

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static char *
trim(char *text)
{
	char	   *end = text + strlen(text);

	while (is_blank(*text))
		text++;
	while (end > text && is_blank(end[-1]))
		*--end = '\0';
	return text;
}

/* Instances and sections: names that are safe in a table, a log and a file name. */
static bool
is_name(const char *text)
{
	size_t		len = strlen(text);

	return len >= 1 && len <= MAX_NAME &&
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

static bool
is_printable_ascii(const char *text)
{
	for (; *text != '\0'; text++)
	{
		if (*text < 0x20 || *text > 0x7e)
			return false;
	}
	return true;
}

static const char *
start_section(PcSecretsText *out, char *line)
{
	size_t		len = strlen(line);
	char	   *name;

	if (line[len - 1] != ']')
		return "the section's name is not closed by a bracket";
	line[len - 1] = '\0';
	name = trim(line + 1);
	if (!is_name(name))
		return "a section's name is 1 to 64 letters, digits, dots, dashes or underscores";
	for (int i = 0; i < out->naccounts; i++)
	{
		if (strcmp(out->accounts[i].account, name) == 0)
			return "the section occurs twice";
	}
	if (out->accounts == NULL)
		out->accounts = palloc(sizeof(PcSecrets));
	else
		out->accounts = repalloc(out->accounts, (out->naccounts + 1) * sizeof(PcSecrets));
	memset(&out->accounts[out->naccounts], 0, sizeof(PcSecrets));
	out->accounts[out->naccounts++].account = name;
	return NULL;
}

static const char *
set_once(char **field, char *value)
{
	if (*field != NULL)
		return "the key occurs twice";
	*field = value;
	return NULL;
}

static const char *
set_instance(PcSecretsText *out, char *value)
{
	if (out->naccounts > 0)
		return "the instance is named above the first section";
	if (!is_name(value))
		return "an instance's name is 1 to 64 letters, digits, dots, dashes or underscores";
	return set_once(&out->instance, value);
}

static const char *
set_base_url(PcSecrets *account, char *value)
{
	size_t		len = strlen(value);

	if (strncmp(value, "https://", 8) != 0 && strncmp(value, "http://", 7) != 0)
		return "a base URL begins with https:// (or http:// for a loopback address)";
	if (strpbrk(value, "@?#") != NULL)
		return "a base URL has no user name, query or fragment";
	while (len > 0 && value[len - 1] == '/')
		value[--len] = '\0';
	return set_once(&account->base_url, value);
}

static const char *
add_webhook_secret(PcSecrets *account, char *value)
{
	if (account->nwebhook_secrets >= PC_MAX_WEBHOOK_SECRETS)
		return "more than 8 webhook secrets";
	account->webhook_secrets[account->nwebhook_secrets++] = value;
	return NULL;
}

static const char *
set_key(PcSecretsText *out, const char *key, char *value)
{
	PcSecrets  *account = out->naccounts > 0 ? &out->accounts[out->naccounts - 1] : NULL;

	if (strcmp(key, "instance") == 0)
		return set_instance(out, value);
	if (strcmp(key, "api_key") != 0 && strcmp(key, "webhook_secret") != 0 &&
		strcmp(key, "base_url") != 0 && strcmp(key, "ca_file") != 0)
		return "unknown key";
	if (account == NULL)
		return "the key belongs into a section";
	if (strcmp(key, "ca_file") == 0)
		return value[0] == '/' ? set_once(&account->ca_file, value) : "a CA file is named by its absolute path";
	if (!is_printable_ascii(value) || strchr(value, ' ') != NULL)
		return "the value contains a blank or a character outside ASCII";
	if (strcmp(key, "base_url") == 0)
		return set_base_url(account, value);
	if (strcmp(key, "api_key") == 0)
		return set_once(&account->api_key, value);
	return add_webhook_secret(account, value);
}

static const char *
parse_line(PcSecretsText *out, char *line)
{
	char	   *equals;
	char	   *value;

	line = trim(line);
	if (line[0] == '\0' || line[0] == '#' || line[0] == ';')
		return NULL;
	if (line[0] == '[')
		return start_section(out, line);
	equals = strchr(line, '=');
	if (equals == NULL)
		return "neither a section nor \"key = value\"";
	*equals = '\0';
	value = trim(equals + 1);
	if (value[0] == '\0')
		return "the value is empty";
	if (value[0] == '"' || value[0] == '\'')
		return "values are written without quotes";
	return set_key(out, trim(line), value);
}

const char *
pc_secrets_parse(char *text, size_t len, PcSecretsText *out, int *line)
{
	char	   *next = text;
	char	   *end = text + len;

	memset(out, 0, sizeof(*out));
	for (*line = 1; next < end; (*line)++)
	{
		char	   *start = next;
		char	   *stop = memchr(start, '\n', end - start);
		const char *error;

		if (stop == NULL)
			stop = end;
		next = stop + 1;
		*stop = '\0';
		if (strlen(start) != stop - start)
			return "a NUL byte";
		error = parse_line(out, start);
		if (error != NULL)
			return error;
	}
	return NULL;
}
