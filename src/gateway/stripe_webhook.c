/*
 * stripe_webhook.c
 *		Was this payload signed with a secret of ours, just now?
 */
#include "gateway/stripe.h"

#include <openssl/crypto.h>

#define HEX_LEN		GW_SIGNATURE_HEX_LEN
#define MAX_TIME_DIGITS 12

/* "t=..." and where its digits are; false where the item is none. */
static bool
parse_time(const char *item, size_t len, int64 *time)
{
	int64		value = 0;

	if (len <= 2 || len > 2 + MAX_TIME_DIGITS)
		return false;
	for (size_t i = 2; i < len; i++)
	{
		if (item[i] < '0' || item[i] > '9')
			return false;
		value = value * 10 + (item[i] - '0');
	}
	*time = value;
	return true;
}

/* Length of the item at p, up to the comma or the end. */
static size_t
item_length(const char *p)
{
	return strcspn(p, ",");
}

static const char *
next_item(const char *p)
{
	p += item_length(p);
	return *p == ',' ? p + 1 : NULL;
}

/* Every v1 against the expected one, in constant time; true if any is equal. */
static bool
any_equals(const char *signature, const char *expected)
{
	bool		found = false;

	for (const char *p = signature; p != NULL; p = next_item(p))
		if (strncmp(p, "v1=", 3) == 0 && item_length(p) == 3 + HEX_LEN)
			found |= CRYPTO_memcmp(p + 3, expected, HEX_LEN) == 0;
	return found;
}

/* The header's time; false and *why where the header is none. */
static bool
parse_header(const char *signature, int64 *time, const char **why)
{
	int			ntimes = 0;
	bool		has_v1 = false;

	for (const char *p = signature; p != NULL; p = next_item(p))
	{
		if (strncmp(p, "t=", 2) == 0)
		{
			if (ntimes++ > 0 || !parse_time(p, item_length(p), time))
			{
				*why = "the signature header's time is malformed";
				return false;
			}
		}
		else if (strncmp(p, "v1=", 3) == 0)
			has_v1 = true;
	}
	if (ntimes == 0)
		*why = "the signature header has no time";
	else if (!has_v1)
		*why = "the signature header has no v1 signature";
	return ntimes > 0 && has_v1;
}

static bool
signed_by_any(const char *payload, size_t len, const char *signature, int64 time,
			  const PcSecrets *secrets)
{
	bool		found = false;

	for (int i = 0; i < secrets->nwebhook_secrets; i++)
	{
		char		expected[HEX_LEN];

		/* Anybody could sign with an empty secret. */
		if (secrets->webhook_secrets[i] == NULL || secrets->webhook_secrets[i][0] == '\0')
			continue;
		gw_signature(secrets->webhook_secrets[i], time, payload, len, expected);
		found |= any_equals(signature, expected);
		OPENSSL_cleanse(expected, sizeof(expected));
	}
	return found;
}

bool
gw_stripe_verify_webhook(const char *payload, size_t len, const char *signature,
						 const PcSecrets *secrets, int64 now, int tolerance, const char **why)
{
	int64		time = 0;

	if (signature == NULL || *signature == '\0')
	{
		*why = "there is no signature";
		return false;
	}
	if (secrets == NULL || secrets->nwebhook_secrets == 0)
	{
		*why = "the gateway account has no webhook secret";
		return false;
	}
	if (!parse_header(signature, &time, why))
		return false;
	if (!signed_by_any(payload, len, signature, time, secrets))
		*why = "no signature matches";
	else if (now - time > tolerance)
		*why = "the signature is too old";
	else if (time - now > tolerance)
		*why = "the signature is from the future";
	else
		return true;
	return false;
}
