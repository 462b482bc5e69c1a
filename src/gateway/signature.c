/*
 * signature.c
 *		The signature of webhooks: HMAC-SHA256, as Stripe signs and as we do.
 */
#include "gateway/gateway.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#define DIGEST_LEN	(GW_SIGNATURE_HEX_LEN / 2)

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

void
gw_signature(const char *secret, int64 time, const char *payload, size_t len, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	EVP_MAC_CTX *mac = hmac_sha256();
	char		prefix[32];
	unsigned char digest[DIGEST_LEN];
	size_t		digest_len;

	snprintf(prefix, sizeof(prefix), INT64_FORMAT ".", time);
	if (mac == NULL ||
		EVP_MAC_init(mac, (const unsigned char *) secret, strlen(secret), NULL) != 1 ||
		EVP_MAC_update(mac, (const unsigned char *) prefix, strlen(prefix)) != 1 ||
		EVP_MAC_update(mac, (const unsigned char *) payload, len) != 1 ||
		EVP_MAC_final(mac, digest, &digest_len, sizeof(digest)) != 1)
	{
		memset(hex, 0, GW_SIGNATURE_HEX_LEN);
		return;
	}
	for (int i = 0; i < DIGEST_LEN; i++)
	{
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 0x0f];
	}
}
