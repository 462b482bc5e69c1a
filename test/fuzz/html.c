/*
 * html.c
 *		Text in a document: whatever it is, it is read back as text, and neither
 *		ends the attribute or element it stands in nor begins another.
 *
 * The first line of the input is the value of an attribute, the rest is text.
 */
#include "harness.h"

#include "documents/html.h"
#include "documents/page.h"
#include "mb/pg_wchar.h"

/* "&#x3C;": the character, and the place after it. */
static pg_wchar
read_reference(const char **p)
{
	char	   *end;
	unsigned long c;

	must(strncmp(*p, "&#x", 3) == 0 && isxdigit((unsigned char) (*p)[3]));
	c = strtoul(*p + 3, &end, 16);
	must(*end == ';');
	*p = end + 1;
	must(c > 0 && c < 0x110000);
	/* Forbidden in HTML, references included. */
	must((c >= 0x20 && c < 0x7F) || c > 0x9F);
	must(!(c >= 0xD800 && c <= 0xDFFF) && !(c >= 0xFDD0 && c <= 0xFDEF) && (c & 0xFFFE) != 0xFFFE);
	return (pg_wchar) c;
}

/* What was written, up to the mark that ends it, says what was meant. */
static const char *
check_text(const char *written, const char *meant, const char *end)
{
	while (strncmp(written, end, strlen(end)) != 0)
	{
		int			length = pg_utf_mblen((const unsigned char *) meant);
		bool		legal = strnlen(meant, length) == length && pg_utf8_islegal((const unsigned char *) meant, length);
		pg_wchar	c = legal ? utf8_to_unicode((const unsigned char *) meant) : 0xFFFD;
		pg_wchar	read = *written == '&' ? read_reference(&written) : (pg_wchar) *written++;

		must(*meant != '\0');
		must(read == c || (read == 0xFFFD && (!legal || c < 0x20 || c >= 0x7F)));
		must(read >= 0x20 || read == '\n' || read == '\t');
		meant += legal ? length : 1;
	}
	must(*meant == '\0');
	return written + strlen(end);
}

void
fuzz_one(const char *data, size_t size)
{
	const char *rest;
	size_t		rest_size;
	char	   *value = fuzz_first_line(data, size, &rest, &rest_size);
	char	   *body = fuzz_text(rest, rest_size);
	PcHtml		html;
	const char *p;

	if (pc_is_logo(value))
		must(strpbrk(value, "<>\"'& \t\n") == NULL && strncmp(value, "data:image/", 11) == 0);
	pc_html_begin(&html);
	pc_html_open(&html, "p");
	pc_html_attribute(&html, "title", value);
	pc_html_text(&html, body);
	(void) pc_html_end(&html);

	p = html.out.data;
	must(strncmp(p, "<!DOCTYPE html>\n<p title=\"", 26) == 0);
	p = check_text(p + 26, value, "\">");
	p = check_text(p, body, "</p>\n");
	must(*p == '\0');
}
