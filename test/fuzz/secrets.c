/*
 * secrets.c
 *		The secrets file: an error names a line and quotes nothing; names and
 *		values are as promised.
 */
#include "harness.h"

#include "common/secrets_parse.h"

static bool
is_value(const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
	{
		if (*c <= ' ' || *c > '~')
			return false;
	}
	return *text != '\0' && *text != '"' && *text != '\'';
}

static bool
is_name(const char *text)
{
	return *text != '\0' && strlen(text) <= 64 && is_value(text) && strpbrk(text, "/[]=#;") == NULL;
}

static void
check_account(const PcSecretsText *out, int n)
{
	const PcSecrets *account = &out->accounts[n];

	must(is_name(account->account));
	for (int i = 0; i < n; i++)
		must(strcmp(out->accounts[i].account, account->account) != 0);
	must(account->api_key == NULL || is_value(account->api_key));
	must(account->ca_file == NULL || account->ca_file[0] == '/');
	must(account->base_url == NULL || (is_value(account->base_url) && strpbrk(account->base_url, "@?#") == NULL &&
									   strncmp(account->base_url, "http", 4) == 0));
	must(account->nwebhook_secrets >= 0 && account->nwebhook_secrets <= PC_MAX_WEBHOOK_SECRETS);
	for (int i = 0; i < account->nwebhook_secrets; i++)
		must(is_value(account->webhook_secrets[i]));
}

void
fuzz_one(const char *data, size_t size)
{
	char	   *text = palloc(size + 1);
	PcSecretsText out;
	int			line = 0;
	const char *error;
	int			nlines = 1;

	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < size; i++)
		nlines += data[i] == '\n';
	error = pc_secrets_parse(text, size, &out, &line);
	must(line >= 1 && line <= nlines + 1);
	must(error == NULL || error < text || error > text + size);
	if (error != NULL)
		return;
	must(out.instance == NULL || is_name(out.instance));
	for (int i = 0; i < out.naccounts; i++)
		check_account(&out, i);
}
