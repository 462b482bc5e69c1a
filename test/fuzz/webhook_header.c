/*
 * webhook_header.c
 *		The header that signs a webhook: the verdict is that of a second, naive
 *		reading of it.
 *
 * The first line of the input is the header, the rest the payload.  What no
 * fuzzer can guess is written as one letter: @ and # are the right signatures
 * under the newer and the older secret, ! is a stranger's, ~ an empty secret's.
 */
#include "harness.h"

#include <openssl/evp.h>

#include "gateway/stripe.h"

#define NOW			INT64CONST(1800000000)
#define TOLERANCE	300
#define BLOCK		64
#define DIGEST		32

enum
{
	NEWER, OLDER, STRANGER, NOBODY, NSECRETS
};

static char *const secrets[NSECRETS] = {"whsec_newer", "whsec_older", "whsec_stranger", ""};
static const char letters[] = "@#!~";

typedef struct Post
{
	const char *payload;
	size_t		len;
	int64		time;
	char	   *signatures[NSECRETS];
} Post;

/* SHA-256 of a block of the secret, xor-ed with pad, and a message. */
static unsigned char *
hash_padded(const char *secret, unsigned char pad, const void *message, size_t len)
{
	static EVP_MD *sha256 = NULL;
	unsigned char *text = palloc(BLOCK + len);
	unsigned char *digest = palloc(DIGEST);

	if (sha256 == NULL)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	memset(text, pad, BLOCK);
	for (size_t i = 0; secret[i] != '\0'; i++)
		text[i] ^= secret[i];
	memcpy(text + BLOCK, message, len);
	must(EVP_Digest(text, BLOCK + len, digest, NULL, sha256, NULL) == 1);
	return digest;
}

/* HMAC by its definition, in hex. */
static char *
signature(Post *post, int secret)
{
	char	   *time = psprintf(INT64_FORMAT ".", post->time);
	size_t		len = strlen(time);
	char	   *message = palloc(len + post->len);
	char	   *hex = palloc(2 * DIGEST + 1);
	unsigned char *digest;

	if (post->signatures[secret] != NULL)
		return post->signatures[secret];
	memcpy(message, time, len);
	memcpy(message + len, post->payload, post->len);
	digest = hash_padded(secrets[secret], 0x36, message, len + post->len);
	digest = hash_padded(secrets[secret], 0x5c, digest, DIGEST);
	for (int i = 0; i < DIGEST; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
	return post->signatures[secret] = hex;
}

/* The header with the letters replaced. */
static char *
filled_in(const char *pattern, Post *post)
{
	StringInfoData header;

	initStringInfo(&header);
	for (const char *p = pattern; *p != '\0'; p++)
	{
		const char *letter = strchr(letters, *p);

		if (letter != NULL)
			appendStringInfoString(&header, signature(post, letter - letters));
		else
			appendStringInfoChar(&header, *p);
	}
	return header.data;
}

/* The digits of the first time in the header, as far as they go. */
static int64
time_in(const char *header)
{
	const char *item = strncmp(header, "t=", 2) == 0 ? header - 1 : strstr(header, ",t=");

	return item != NULL ? strtoll(item + 3, NULL, 10) : 0;
}

static bool
is_time(const char *text)
{
	size_t		len = strlen(text);

	return len >= 1 && len <= 12 && strspn(text, "0123456789") == len;
}

/* The rules once more, item by item. */
static bool
is_believed(const char *header, Post *post)
{
	char	   *copy = pstrdup(header);
	int			ntimes = 0;
	int64		time = 0;
	bool		found = false;

	for (char *item; (item = strsep(&copy, ",")) != NULL;)
	{
		if (strncmp(item, "t=", 2) == 0)
		{
			if (!is_time(item + 2))
				return false;
			time = strtoll(item + 2, NULL, 10);
			ntimes++;
		}
		else if (strncmp(item, "v1=", 3) == 0)
			found |= strcmp(item + 3, signature(post, NEWER)) == 0 || strcmp(item + 3, signature(post, OLDER)) == 0;
	}
	return ntimes == 1 && found && time >= NOW - TOLERANCE && time <= NOW + TOLERANCE;
}

void
fuzz_one(const char *data, size_t size)
{
	PcSecrets	known = {.nwebhook_secrets = 3, .webhook_secrets = {secrets[NOBODY], secrets[NEWER], secrets[OLDER]}};
	Post		post = {0};
	char	   *pattern = fuzz_first_line(data, size, &post.payload, &post.len);
	const char *why = NULL;
	char	   *header;
	bool		verified;

	post.payload = fuzz_exact(post.payload, post.len);
	post.time = time_in(pattern);
	header = filled_in(pattern, &post);
	verified = gw_stripe_verify_webhook(post.payload, post.len, header, &known, NOW, TOLERANCE, &why);
	must(verified == is_believed(header, &post));
	must(verified || (why != NULL && *why != '\0'));
}
