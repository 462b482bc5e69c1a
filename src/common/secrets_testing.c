/*
 * secrets_testing.c
 *		A SQL door to the secrets file that shows no secret (test builds).
 */
#include "common/secrets.h"

#ifdef PAYCORE_FAULT_POINTS

#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "lib/stringinfo.h"
#include "utils/json.h"

PG_FUNCTION_INFO_V1(paycore_test_secrets);
PG_FUNCTION_INFO_V1(paycore_test_secrets_try);

extern PGDLLEXPORT Datum paycore_test_secrets(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_secrets_try(PG_FUNCTION_ARGS);

/* The hash is that of SQL's hashtext(). */
static void
add_hash(StringInfo out, const char *value)
{
	if (value == NULL)
		appendStringInfoString(out, "null");
	else
		appendStringInfo(out, "%d", (int32) hash_bytes((const unsigned char *) value, strlen(value)));
}

static void
add_account(StringInfo out, const PcSecrets *secrets)
{
	appendStringInfoString(out, ", \"api_key\": ");
	add_hash(out, secrets->api_key);
	appendStringInfoString(out, ", \"base_url\": ");
	add_hash(out, secrets->base_url);
	appendStringInfoString(out, ", \"ca_file\": ");
	add_hash(out, secrets->ca_file);
	appendStringInfoString(out, ", \"webhook_secrets\": [");
	for (int i = 0; i < secrets->nwebhook_secrets; i++)
	{
		appendStringInfoString(out, i == 0 ? "" : ", ");
		add_hash(out, secrets->webhook_secrets[i]);
	}
	appendStringInfoChar(out, ']');
}

/* (account) -> jsonb of hashes; raises PY072 on a bad file */
Datum
paycore_test_secrets(PG_FUNCTION_ARGS)
{
	char	   *account = text_to_cstring(PG_GETARG_TEXT_PP(0));
	const PcSecrets *secrets = pc_secrets_get(account);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"found\": %s, \"instance\": ", secrets == NULL ? "false" : "true");
	escape_json(&out, pc_instance_name());
	appendStringInfo(&out, ", \"warned\": %s", pc_secrets_warning() == NULL ? "false" : "true");
	if (secrets != NULL)
		add_account(&out, secrets);
	appendStringInfoChar(&out, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data));
}

/* (account) -> why it cannot be used, NULL if it can */
Datum
paycore_test_secrets_try(PG_FUNCTION_ARGS)
{
	const char *why;

	if (pc_secrets_try(text_to_cstring(PG_GETARG_TEXT_PP(0)), &why) != NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(why));
}

#endif							/* PAYCORE_FAULT_POINTS */
