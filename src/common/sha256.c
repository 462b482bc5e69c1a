/*
 * sha256.c
 *		SHA-256 of a byte string.
 *
 * Looking an algorithm up by name costs OpenSSL more than a short hash: it is
 * done once per backend.
 */
#include "common/paycore.h"

#include <openssl/evp.h>

#include "common/sha256.h"

#define DIGEST_LEN 32

static bool
digest(const void *bytes, size_t length, unsigned char *out)
{
	static EVP_MD *sha256 = NULL;
	static EVP_MD_CTX *context = NULL;

	if (sha256 == NULL)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (context == NULL)
		context = EVP_MD_CTX_new();
	return sha256 != NULL && context != NULL &&
		EVP_DigestInit_ex2(context, sha256, NULL) == 1 &&
		EVP_DigestUpdate(context, bytes, length) == 1 &&
		EVP_DigestFinal_ex(context, out, NULL) == 1;
}

bytea *
pc_sha256(const void *bytes, size_t length)
{
	bytea	   *result = palloc(VARHDRSZ + DIGEST_LEN);

	if (!digest(bytes, length, (unsigned char *) VARDATA(result)))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("paycore: OpenSSL has no SHA-256")));
	SET_VARSIZE(result, VARHDRSZ + DIGEST_LEN);
	return result;
}
