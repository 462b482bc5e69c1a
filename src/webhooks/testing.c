/*
 * testing.c
 *		Signing as a gateway does (test builds).
 */
#include "common/paycore.h"

#ifdef PAYCORE_FAULT_POINTS

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "utils/builtins.h"
#include "webhooks/webhooks.h"

PG_FUNCTION_INFO_V1(paycore_test_sign);
PG_FUNCTION_INFO_V1(paycore_test_retry_webhooks);

extern PGDLLEXPORT Datum paycore_test_sign(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_retry_webhooks(PG_FUNCTION_ARGS);

/* paycore_test_sign(payload bytea, secret text, t bigint) RETURNS text: the v1 signature in hex. */
PGDLLEXPORT Datum
paycore_test_sign(PG_FUNCTION_ARGS)
{
	bytea	   *payload = PG_GETARG_BYTEA_PP(0);
	char	   *secret = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *prefix = psprintf(INT64_FORMAT ".", PG_GETARG_INT64(2));
	size_t		prefix_len = strlen(prefix);
	size_t		len = prefix_len + VARSIZE_ANY_EXHDR(payload);
	unsigned char *message = palloc(len);
	unsigned char digest[32];
	unsigned int digest_len = sizeof(digest);
	char		hex[2 * sizeof(digest) + 1];

	memcpy(message, prefix, prefix_len);
	memcpy(message + prefix_len, VARDATA_ANY(payload), VARSIZE_ANY_EXHDR(payload));
	HMAC(EVP_sha256(), secret, (int) strlen(secret), message, len, digest, &digest_len);
	for (size_t i = 0; i < sizeof(digest); i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
	PG_RETURN_TEXT_P(cstring_to_text(hex));
}

/* paycore_test_retry_webhooks(n int) RETURNS int: what the worker does now and then. */
PGDLLEXPORT Datum
paycore_test_retry_webhooks(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(pc_webhook_retry_failed(PG_GETARG_INT32(0)));
}

#endif							/* PAYCORE_FAULT_POINTS */
