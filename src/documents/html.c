/*
 * html.c
 *		Writing HTML in which text cannot become markup.
 */
#include "common/paycore.h"

#include "documents/html.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define REPLACEMENT 0xFFFD

/* The next character; bytes that are no UTF-8 are replaced one by one. */
static pg_wchar
next_character(const char **utf8)
{
	const unsigned char *at = (const unsigned char *) *utf8;
	int			length = pg_utf_mblen(at);

	if (strnlen(*utf8, length) < (size_t) length || !pg_utf8_islegal(at, length))
	{
		*utf8 += 1;
		return REPLACEMENT;
	}
	*utf8 += length;
	return utf8_to_unicode(at);
}

/* Control characters and noncharacters, which no HTML document may hold, not even as references. */
static bool
is_forbidden(pg_wchar c)
{
	return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c <= 0x9F) ||
		(c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

static void
add_escaped(StringInfo out, const char *utf8)
{
	while (*utf8 != '\0')
	{
		pg_wchar	c = next_character(&utf8);

		if (is_forbidden(c))
			c = REPLACEMENT;
		if (c > 0x7E || c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' || c == '`')
			appendStringInfo(out, "&#x%X;", c);
		else
			appendStringInfoChar(out, (char) c);
	}
}

static void
end_tag(PcHtml *html)
{
	if (html->in_tag)
		appendStringInfoChar(&html->out, '>');
	html->in_tag = false;
}

void
pc_html_begin(PcHtml *html)
{
	memset(html, 0, sizeof(*html));
	initStringInfo(&html->out);
	appendStringInfoString(&html->out, "<!DOCTYPE html>\n");
}

text *
pc_html_end(PcHtml *html)
{
	while (html->depth > 0)
		pc_html_close(html);
	return cstring_to_text_with_len(html->out.data, html->out.len);
}

void
pc_html_void_tag(PcHtml *html, const char *tag)
{
	end_tag(html);
	appendStringInfo(&html->out, "<%s", tag);
	html->in_tag = true;
}

void
pc_html_open_tag(PcHtml *html, const char *tag)
{
	if (html->depth == PC_HTML_DEPTH)
		elog(ERROR, "paycore: elements of a document are nested too deep");
	pc_html_void_tag(html, tag);
	html->open[html->depth++] = tag;
}

void
pc_html_add_attribute(PcHtml *html, const char *name, const char *utf8)
{
	Assert(html->in_tag);
	appendStringInfo(&html->out, " %s=\"", name);
	add_escaped(&html->out, utf8);
	appendStringInfoChar(&html->out, '"');
}

void
pc_html_text(PcHtml *html, const char *utf8)
{
	end_tag(html);
	if (utf8 != NULL)
		add_escaped(&html->out, utf8);
}

void
pc_html_style(PcHtml *html, const char *css)
{
	end_tag(html);
	appendStringInfo(&html->out, "<style>%s</style>", css);
}

/* Each block of its own line, for those who read the source. */
static bool
is_block(const char *tag)
{
	static const char *const inline_tags[] = {"bdi", "time", "strong", "span"};

	for (size_t i = 0; i < lengthof(inline_tags); i++)
	{
		if (strcmp(tag, inline_tags[i]) == 0)
			return false;
	}
	return true;
}

void
pc_html_close(PcHtml *html)
{
	const char *tag = html->open[--html->depth];

	end_tag(html);
	appendStringInfo(&html->out, "</%s>%s", tag, is_block(tag) ? "\n" : "");
}
