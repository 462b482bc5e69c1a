/*
 * stripe_webhook.c
 *		Was this payload signed with a secret of ours, just now?
 */
#include "gateway/stripe.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#define DIGEST_LEN	32
#define HEX_LEN		(2 * DIGEST_LEN)
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

/* Looking an algorithm up by name costs OpenSSL more than a payload's hash: once per backend. */
static EVP_MAC_CTX *
hmac_sha256(void)
{
	static EVP_MAC_CTX *context = NULL;
	OSSL_PARAM	params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0),
		OSSL_PARAM_construct_end()
	};
	EVP_MAC    *mac;

	if (context != NULL)
		return context;
	mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	context = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	EVP_MAC_free(mac);
	if (context != NULL && EVP_MAC_CTX_set_params(context, params) != 1)
	{
		EVP_MAC_CTX_free(context);
		context = NULL;
	}
	return context;
}

static void
expected_signature(const char *secret, const char *time, const char *payload, size_t len, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	EVP_MAC_CTX *mac = hmac_sha256();
	unsigned char digest[DIGEST_LEN];
	size_t		digest_len;

	if (mac == NULL ||
		EVP_MAC_init(mac, (const unsigned char *) secret, strlen(secret), NULL) != 1 ||
		EVP_MAC_update(mac, (const unsigned char *) time, strlen(time)) != 1 ||
		EVP_MAC_update(mac, (const unsigned char *) payload, len) != 1 ||
		EVP_MAC_final(mac, digest, &digest_len, sizeof(digest)) != 1)
	{
		memset(hex, 0, HEX_LEN);	/* equals no hex text */
		return;
	}
	for (int i = 0; i < DIGEST_LEN; i++)
	{
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 0x0f];
	}
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
	char		prefix[32];
	bool		found = false;

	snprintf(prefix, sizeof(prefix), INT64_FORMAT ".", time);
	for (int i = 0; i < secrets->nwebhook_secrets; i++)
	{
		char		expected[HEX_LEN];

		/* Anybody could sign with an empty secret. */
		if (secrets->webhook_secrets[i] == NULL || secrets->webhook_secrets[i][0] == '\0')
			continue;
		expected_signature(secrets->webhook_secrets[i], prefix, payload, len, expected);
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
