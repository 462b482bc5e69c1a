/*
 * form.c
 *		application/x-www-form-urlencoded, nested as a[b][0]=c.
 */
#include "gateway/form.h"

#include "common/json.h"
#include "common/utf8.h"

/* No parameter of any gateway nests this deep. */
#define MAX_DEPTH 16

static void add_nested(GwForm *form, const char *name, const JsonbValue *value, int depth);

static void
append_encoded(StringInfo out, const char *text)
{
	const char *utf8 = pc_as_utf8(text, "?");

	for (const char *p = utf8; *p != '\0'; p++)
	{
		unsigned char c = (unsigned char) *p;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			strchr("-._~", c) != NULL)
			appendStringInfoChar(out, c);
		else
			appendStringInfo(out, "%%%02X", c);
	}
}

char *
gw_percent_encode(const char *text)
{
	StringInfoData out;

	initStringInfo(&out);
	append_encoded(&out, text);
	return out.data;
}

void
gw_form_init(GwForm *form)
{
	initStringInfo(&form->text);
	form->problem = NULL;
}

void
gw_form_add(GwForm *form, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (form->text.len > 0)
		appendStringInfoChar(&form->text, '&');
	appendStringInfoString(&form->text, name);
	appendStringInfoChar(&form->text, '=');
	append_encoded(&form->text, value);
}

void
gw_form_add_int64(GwForm *form, const char *name, int64 value)
{
	gw_form_add(form, name, psprintf(INT64_FORMAT, value));
}

const char *
gw_form_key_problem(const char *key)
{
	if (*key == '\0')
		return "a key is empty";
	return strpbrk(key, "[]") != NULL ? "a key contains a square bracket" : NULL;
}

static char *
nested_name(GwForm *form, const char *name, const JsonbValue *key)
{
	char	   *text = pc_json_value_text(key);
	const char *problem = gw_form_key_problem(text);

	if (problem != NULL)
		form->problem = problem;
	return psprintf("%s[%s]", name, gw_percent_encode(text));
}

static void
add_container(GwForm *form, const char *name, JsonbContainer *container, int depth)
{
	JsonbIterator *it = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *inner = NULL;
	int			index = 0;

	if (JsonContainerSize(container) == 0)
		gw_form_add(form, name, "");
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			inner = nested_name(form, name, &v);
		else if (token == WJB_VALUE)
			add_nested(form, inner, &v, depth);
		else if (token == WJB_ELEM)
			add_nested(form, psprintf("%s[%d]", name, index++), &v, depth);
	}
}

static void
add_nested(GwForm *form, const char *name, const JsonbValue *value, int depth)
{
	if (value->type == jbvNull)
		gw_form_add(form, name, "");
	else if (value->type != jbvBinary)
		gw_form_add(form, name, pc_json_value_text(value));
	else if (depth >= MAX_DEPTH)
		form->problem = "a value is nested too deeply";
	else
		add_container(form, name, value->val.binary.data, depth + 1);
}

void
gw_form_add_value(GwForm *form, const char *name, const JsonbValue *value)
{
	if (value != NULL)
		add_nested(form, name, value, 0);
}

bool
gw_form_has(const GwForm *form, const char *name)
{
	size_t		len = strlen(name);

	for (const char *p = form->text.data; p != NULL && *p != '\0';)
	{
		if (strncmp(p, name, len) == 0 && (p[len] == '=' || p[len] == '['))
			return true;
		p = strchr(p, '&');
		if (p != NULL)
			p++;
	}
	return false;
}
