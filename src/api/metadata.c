/*
 * metadata.c
 *		The check of what an application hangs on an object.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "common/json.h"
#include "common/metadata.h"
#include "mb/pg_wchar.h"

static void
malformed(const char *what, const char *key, const char *rule)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("metadata %s not allowed", what),
			 key != NULL ? errdetail("Key \"%s\": %s", key, rule) : errdetail("%s", rule)));
}

static void
check_key(const JsonbValue *v)
{
	char	   *key = pnstrdup(v->val.string.val, v->val.string.len);

	if (pc_metadata_is_reserved(key, v->val.string.len))
		ereport(ERROR,
				(errcode(ERRCODE_PC_RESERVED_METADATA),
				 errmsg("metadata key \"%s\" is reserved", key),
				 errdetail("Keys that start with " PC_METADATA_RESERVED " tie an object at the gateway to its row."),
				 errhint("Choose another key.")));
	if (key[0] == '\0' || pg_mbstrlen(key) > PC_METADATA_KEY_CHARS || strpbrk(key, "[]") != NULL)
		malformed("key", key, "a key has 1 to " CppAsString2(PC_METADATA_KEY_CHARS) " characters and no square brackets.");
}

static void
check_value(const JsonbValue *key, const JsonbValue *v, bool removal)
{
	char	   *name = pnstrdup(key->val.string.val, key->val.string.len);
	char	   *number;

	switch (v->type)
	{
		case jbvNumeric:
			/* 1e131071 is small here, and 128 kB in a request. */
			number = pc_json_value_text(v);
			if (strlen(number) > PC_METADATA_VALUE_CHARS)
				malformed("value", name, "a number has at most " CppAsString2(PC_METADATA_VALUE_CHARS) " digits.");
			pfree(number);
			return;
		case jbvBool:
			return;
		case jbvNull:
			if (!removal)
				malformed("value", name, "a null value removes a key, which is for updates only.");
			return;
		case jbvString:
			if (pg_mbstrlen_with_len(v->val.string.val, v->val.string.len) > PC_METADATA_VALUE_CHARS)
				malformed("value", name, "a value has at most " CppAsString2(PC_METADATA_VALUE_CHARS) " characters.");
			return;
		default:
			malformed("value", name, "a value is a string, a number or a boolean.");
	}
}

void
pc_check_metadata(const Jsonb *metadata, bool removal)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	v;
	JsonbValue	key = {0};
	int			keys = 0;

	if (metadata == NULL)
		return;
	pc_check_object(metadata, "metadata");
	iterator = JsonbIteratorInit((JsonbContainer *) &metadata->root);
	while ((token = JsonbIteratorNext(&iterator, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			check_key(&v);
			key = v;
			if (++keys > PC_METADATA_KEYS)
				malformed("size", NULL, "There may be at most " CppAsString2(PC_METADATA_KEYS) " keys.");
		}
		else if (token == WJB_VALUE)
			check_value(&key, &v, removal);
	}
}
