/*
 * text.c
 *		libFuzzer's door to the parsers that know no server: amounts of money,
 *		the secrets file, the header of a webhook's signature.
 *
 * The first byte says which; each answer is held against what must be true of
 * any.
 */
#include "postgres.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/secrets_parse.h"
#include "gateway/stripe.h"
#include "types/money_text.h"

#define MAX_BLOCKS 4096

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the server would give: memory, freed after each input, and its printf. */
static void *blocks[MAX_BLOCKS];
static int	nblocks;

static void *
keep(void *block)
{
	if (block == NULL || nblocks == MAX_BLOCKS)
		abort();
	return blocks[nblocks++] = block;
}

void *
palloc(Size size)
{
	return keep(malloc(size + 1));
}

void *
repalloc(void *old, Size size)
{
	for (int i = 0; i < nblocks; i++)
	{
		if (blocks[i] == old)
			return blocks[i] = realloc(old, size);
	}
	abort();
}

void
pfree(void *block)
{
}

int
pg_snprintf(char *str, size_t size, const char *format,...)
{
	va_list		args;
	int			n;

	va_start(args, format);
#undef vsnprintf
	n = vsnprintf(str, size, format, args);
	va_end(args);
	return n;
}

int
pg_sprintf(char *str, const char *format,...)
{
	va_list		args;
	int			n;

	va_start(args, format);
#undef vsprintf
	n = vsprintf(str, format, args);
	va_end(args);
	return n;
}

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* What is read is in range, and reads the same when written. */
static void
money(const char *text)
{
	PcMoneyParts parts = {0};
	PcMoneyParts again = {0};
	char		buffer[PC_MONEY_TEXT_LEN];

	if (pc_money_parse(text, &parts) != PC_PARSED)
		return;
	must(parts.amount >= -PC_MONEY_MAX && parts.amount <= PC_MONEY_MAX);
	pc_money_format(parts.currency->numeric_code, parts.amount, buffer);
	must(strlen(buffer) < sizeof(buffer));
	must(pc_money_parse(buffer, &again) == PC_PARSED);
	must(again.amount == parts.amount && again.currency == parts.currency);
}

/* An error names a line and quotes nothing; names and values are as promised. */
static void
secrets(char *text, size_t len)
{
	PcSecretsText out;
	int			line = 0;
	const char *error = pc_secrets_parse(text, len, &out, &line);

	must(line >= 1);
	must(error == NULL || error < text || error > text + len);
	for (int i = 0; error == NULL && i < out.naccounts; i++)
	{
		PcSecrets  *account = &out.accounts[i];

		must(account->nwebhook_secrets <= PC_MAX_WEBHOOK_SECRETS);
		must(account->account[0] != '\0' && strpbrk(account->account, " \t\r\n/") == NULL);
		for (int s = 0; s < account->nwebhook_secrets; s++)
			must(account->webhook_secrets[s][0] != '\0');
		must(account->api_key == NULL || strpbrk(account->api_key, "\r\n") == NULL);
	}
}

/* Only one who knows the secret is believed, and only at the time that is signed. */
static void
signature(const char *header)
{
	static char secret[] = "whsec_fuzz";
	static char nobody[] = "";
	static const char payload[] = "{\"id\":\"evt_1\"}";
	PcSecrets	known = {.nwebhook_secrets = 2, .webhook_secrets = {nobody, secret}};
	const int64 now = 1800000000;
	const char *why = NULL;
	char		text[64];
	char		hex[65];
	unsigned char digest[32];

	if (!gw_stripe_verify_webhook(payload, sizeof(payload) - 1, header, &known, now, 300, &why))
	{
		must(why != NULL && *why != '\0');
		return;
	}
	for (int64 t = now - 300; t <= now + 300; t++)
	{
		int			n = pg_snprintf(text, sizeof(text), INT64_FORMAT ".%s", t, payload);

		HMAC(EVP_sha256(), secret, sizeof(secret) - 1, (unsigned char *) text, n, digest, NULL);
		for (int i = 0; i < 32; i++)
			pg_sprintf(hex + 2 * i, "%02x", digest[i]);
		if (strstr(header, hex) != NULL)
			return;
	}
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *text;

	if (size == 0)
		return 0;
	text = palloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0] % 3)
	{
		case 0:
			money(text);
			break;
		case 1:
			secrets(text, size - 1);
			break;
		case 2:
			signature(text);
			break;
	}
	while (nblocks > 0)
		free(blocks[--nblocks]);
	return 0;
}
