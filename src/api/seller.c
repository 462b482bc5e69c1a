/*
 * seller.c
 *		set_seller(): who a tenant's documents are from.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "documents/locale.h"
#include "documents/page.h"

static const struct
{
	const char *key;
	int			most;			/* characters */
}			fields[] = {
	{"name", 256},
	{"email", 512},
	{"phone", 64},
	{"website", 512},
	{"address_line1", 256},
	{"address_line2", 256},
	{"city", 256},
	{"state", 256},
	{"postal_code", 64},
	{"country", 2},
	{"tax_id", 64},
	{"footer", 2000},
	{"logo", PC_LOGO_MAX_BYTES / 3 * 4 + 64},
	{"locale", 100},
	{"time_zone", 100},
};

static void
check_field(const JsonbValue *key)
{
	StringInfoData known;

	initStringInfo(&known);
	for (size_t i = 0; i < lengthof(fields); i++)
	{
		if (strlen(fields[i].key) == key->val.string.len &&
			memcmp(fields[i].key, key->val.string.val, key->val.string.len) == 0)
			return;
		appendStringInfo(&known, "%s%s", i > 0 ? ", " : "", fields[i].key);
	}
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("a seller has no detail \"%s\"", pnstrdup(key->val.string.val, key->val.string.len)),
			 errdetail("Known: %s.", known.data)));
}

static void
check_has_name(bool has_name)
{
	if (!has_name)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a seller has a name"),
				 errhint("Give {\"name\": \"...\"}, with whatever else is known.")));
}

static void
check_types(const Jsonb *details)
{
	JsonbIterator *iterator = JsonbIteratorInit(unconstify(JsonbContainer *, &details->root));
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *key = NULL;

	while ((token = JsonbIteratorNext(&iterator, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			check_field(&v);
			key = pnstrdup(v.val.string.val, v.val.string.len);
		}
		else if (token == WJB_VALUE && v.type == jbvNull)
			check_has_name(strcmp(key, "name") != 0);
		else if (token == WJB_VALUE && v.type != jbvString)
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("%s must be a string, or null to remove it", key)));
	}
}

static void
check_values(const Jsonb *details)
{
	char	   *logo = pc_json_string(details, "logo");
	char	   *zone = pc_json_string(details, "time_zone");

	for (size_t i = 0; i < lengthof(fields); i++)
		pc_check_length(pc_json_string(details, fields[i].key), fields[i].key, fields[i].most);
	pc_check_locale(pc_json_string(details, "locale"));
	if (zone != NULL && pc_time_zone(zone) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("there is no time zone \"%s\"", zone),
				 errhint("Use a name of pg_timezone_names, such as Europe/Berlin.")));
	if (logo != NULL && !pc_is_logo(logo))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("logo is no picture that a document may hold"),
				 errhint("Give data:image/png;base64,... (or jpeg, gif, webp) of at most %d kB.", PC_LOGO_MAX_BYTES / 1024)));
}

static void
check_details(const Jsonb *details)
{
	check_has_name(details != NULL);
	pc_check_object(details, "details");
	check_types(details);
	check_values(details);
}

#define CHANGED(column) #column " = CASE WHEN $2 ? '" #column "' THEN $2->>'" #column "' ELSE s." #column " END"
#define GIVEN(column) "$2->>'" #column "'"

/* set_seller(details) */
PG_FUNCTION_INFO_V1(paycore_set_seller);
PGDLLEXPORT Datum
paycore_set_seller(PG_FUNCTION_ARGS)
{
	static PcPlan update = PC_PLAN_ROW("tj",
									   "UPDATE paycore.sellers s SET "
									   CHANGED(name) ", " CHANGED(email) ", " CHANGED(phone) ", " CHANGED(website) ", "
									   CHANGED(address_line1) ", " CHANGED(address_line2) ", " CHANGED(city) ", "
									   CHANGED(state) ", " CHANGED(postal_code) ", " CHANGED(country) ", "
									   CHANGED(tax_id) ", " CHANGED(footer) ", " CHANGED(logo) ", " CHANGED(locale) ", "
									   CHANGED(time_zone) " WHERE tenant_id = $1 RETURNING %s", PC_SELLERS);
	static PcPlan insert = PC_PLAN_ROW("tj",
									   "INSERT INTO paycore.sellers (tenant_id, name, email, phone, website, address_line1, "
									   "address_line2, city, state, postal_code, country, tax_id, footer, logo, locale, time_zone) "
									   "VALUES ($1, " GIVEN(name) ", " GIVEN(email) ", " GIVEN(phone) ", " GIVEN(website) ", "
									   GIVEN(address_line1) ", " GIVEN(address_line2) ", " GIVEN(city) ", " GIVEN(state) ", "
									   GIVEN(postal_code) ", " GIVEN(country) ", " GIVEN(tax_id) ", " GIVEN(footer) ", "
									   GIVEN(logo) ", " GIVEN(locale) ", " GIVEN(time_zone) ") RETURNING %s", PC_SELLERS);
	Jsonb	   *details = pc_arg_json(fcinfo, 0);
	PcApiCall	call;
	Datum		values[2];
	Datum		row;

	check_details(details);
	pc_api_begin(&call);
	values[0] = CStringGetTextDatum(call.tenant);
	values[1] = JsonbPGetDatum(details);
	if (pc_api_write(&update, values, NULL, NULL) == 0)
	{
		check_has_name(pc_json_string(details, "name") != NULL);
		pc_api_write(&insert, values, NULL, NULL);
	}
	row = pc_row_datum(0, PC_SELLERS);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* is_logo(uri) */
PG_FUNCTION_INFO_V1(paycore_is_logo);
PGDLLEXPORT Datum
paycore_is_logo(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(pc_is_logo(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}
