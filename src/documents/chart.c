/*
 * chart.c
 *		Charts as SVG within a page.
 */
#include "common/paycore.h"

#include "documents/chart.h"

#include <math.h>

#define WIDTH		720
#define HEIGHT		240
#define LEFT		56
#define RIGHT		712
#define TOP			12
#define BOTTOM		212
#define LABEL_Y		232
#define LABEL_WIDTH 44			/* of a point's label, with space around it */
#define TICKS		4
#define ROW_HEIGHT	30
#define ROW_LEFT	170
#define ROW_RIGHT	590
#define ROW_TEXT	26			/* characters of a row's label */
#define MAX_BAR		44

/* From amounts to places: y = BOTTOM at low, TOP at high. */
typedef struct Scale
{
	double		low;
	double		high;
	double		step;
} Scale;

static void
number(PcHtml *html, const char *name, double value)
{
	pc_html_add_attribute(html, name, psprintf("%.5g", fabs(value) < 1e-6 ? 0.0 : value));
}

static void
open_picture(PcHtml *html, const PcChart *chart, int height)
{
	pc_html_open(html, "svg");
	pc_html_attribute(html, "viewBox", psprintf("0 0 %d %d", WIDTH, height));
	pc_html_attribute(html, "role", "img");
	pc_html_attribute(html, "aria-labelledby", psprintf("%s-title %s-desc", chart->id, chart->id));
	pc_html_open(html, "title");
	pc_html_attribute(html, "id", psprintf("%s-title", chart->id));
	pc_html_text(html, chart->title);
	pc_html_close(html);
	pc_html_open(html, "desc");
	pc_html_attribute(html, "id", psprintf("%s-desc", chart->id));
	pc_html_text(html, chart->description);
	pc_html_close(html);
}

static void
text_at(PcHtml *html, double x, double y, const char *anchor, const char *class, const char *text)
{
	pc_html_open(html, "text");
	number(html, "x", x);
	number(html, "y", y);
	pc_html_attribute(html, "text-anchor", anchor);
	if (class != NULL)
		pc_html_attribute(html, "class", class);
	pc_html_text(html, text);
	pc_html_close(html);
}

static void
line_at(PcHtml *html, double y, const char *class)
{
	pc_html_open(html, "line");
	number(html, "x1", LEFT);
	number(html, "x2", RIGHT);
	number(html, "y1", y);
	number(html, "y2", y);
	pc_html_attribute(html, "class", class);
	pc_html_close(html);
}

/* 1, 2 or 5 times a power of ten, at least so much. */
static double
round_step(double least)
{
	double		power = pow(10, floor(log10(least)));

	for (int i = 0; i < 3; i++)
	{
		static const double steps[] = {1, 2, 5};

		if (steps[i] * power >= least * (1 - 1e-9))
			return steps[i] * power;
	}
	return 10 * power;
}

static double
unit_of(const PcChart *chart)
{
	return pow(10, chart->decimals);
}

static Scale
scale_between(const PcChart *chart, double low, double high)
{
	Scale		scale;

	if (high <= low)
		high = low + TICKS * unit_of(chart);
	scale.step = round_step((high - low) / TICKS);
	scale.low = floor(low / scale.step) * scale.step;
	scale.high = ceil(high / scale.step) * scale.step;
	return scale;
}

static double
place(const Scale *scale, double value)
{
	return BOTTOM - (value - scale->low) / (scale->high - scale->low) * (BOTTOM - TOP);
}

/* "12k": a round number of units, short. */
static char *
tick_text(double units)
{
	static const char *const suffixes[] = {"", "k", "M", "G", "T"};
	int			i = 0;

	while (fabs(units) >= 1000 && i < (int) lengthof(suffixes) - 1)
	{
		units /= 1000;
		i++;
	}
	return psprintf("%.4g%s", fabs(units) < 1e-9 ? 0.0 : units, suffixes[i]);
}

static void
write_ticks(PcHtml *html, const PcChart *chart, const Scale *scale)
{
	int			n = (int) lround((scale->high - scale->low) / scale->step);

	for (int i = 0; i <= n; i++)
	{
		double		value = scale->low + i * scale->step;
		double		y = place(scale, value);

		line_at(html, y, fabs(value) < scale->step / 2 ? "zero" : "grid");
		text_at(html, LEFT - 8, y + 4, "end", NULL, tick_text(value / unit_of(chart)));
	}
}

static double
slot_width(const PcChart *chart)
{
	return (double) (RIGHT - LEFT) / Max(chart->npoints, 1);
}

static double
middle(const PcChart *chart, int point)
{
	return LEFT + (point + 0.5) * slot_width(chart);
}

/* As many of them as there is room for. */
static void
write_labels(PcHtml *html, const PcChart *chart)
{
	int			every = Max(1, (int) ceil(LABEL_WIDTH / slot_width(chart)));

	for (int i = 0; i < chart->npoints; i += every)
		text_at(html, middle(chart, i), LABEL_Y, "middle", NULL, chart->labels[i]);
}

static void
write_bar(PcHtml *html, const PcChart *chart, const Scale *scale, int point, int series, double from, double to)
{
	double		width = Min(slot_width(chart) * 0.68, MAX_BAR);
	double		top = place(scale, Max(from, to));

	pc_html_open(html, "rect");
	number(html, "x", middle(chart, point) - width / 2);
	number(html, "y", top);
	number(html, "width", width);
	number(html, "height", place(scale, Min(from, to)) - top);
	pc_html_attribute(html, "class", chart->classes[series]);
	pc_html_element(html, "title", psprintf("%s, %s: %s", chart->labels[point], chart->names[series],
											chart->text(chart->context, chart->values[series][point])));
	pc_html_close(html);
}

/* What lies above zero at a point, and below it. */
static void
sums_at(const PcChart *chart, int point, double *above, double *below)
{
	*above = *below = 0;
	for (int s = 0; s < chart->nseries; s++)
	{
		*above += Max(chart->values[s][point], 0);
		*below += Min(chart->values[s][point], 0);
	}
}

void
pc_chart_bars(PcHtml *html, const PcChart *chart)
{
	double		low = 0;
	double		high = 0;
	double		above;
	double		below;
	Scale		scale;

	for (int i = 0; i < chart->npoints; i++)
	{
		sums_at(chart, i, &above, &below);
		high = Max(high, above);
		low = Min(low, below);
	}
	scale = scale_between(chart, low, high);
	open_picture(html, chart, HEIGHT);
	write_ticks(html, chart, &scale);
	for (int i = 0; i < chart->npoints; i++)
	{
		above = below = 0;
		for (int s = 0; s < chart->nseries; s++)
		{
			double		value = (double) chart->values[s][i];
			double	   *end = value > 0 ? &above : &below;

			if (value != 0)
				write_bar(html, chart, &scale, i, s, *end, *end + value);
			*end += value;
		}
	}
	write_labels(html, chart);
	pc_html_close(html);
}

static void
write_path(PcHtml *html, const PcChart *chart, const Scale *scale, bool filled)
{
	StringInfoData path;

	initStringInfo(&path);
	for (int i = 0; i < chart->npoints; i++)
		appendStringInfo(&path, "%s%.5g %.5g", i == 0 ? "M" : " L", middle(chart, i), place(scale, (double) chart->values[0][i]));
	if (filled)
		appendStringInfo(&path, " L%.5g %.5g L%.5g %.5g Z", middle(chart, chart->npoints - 1), place(scale, Max(scale->low, 0)),
						 middle(chart, 0), place(scale, Max(scale->low, 0)));
	pc_html_open(html, "path");
	pc_html_attribute(html, "d", path.data);
	pc_html_attribute(html, "class", filled ? "area" : "curve");
	pc_html_close(html);
}

static void
write_dot(PcHtml *html, const PcChart *chart, const Scale *scale, int point)
{
	pc_html_open(html, "circle");
	number(html, "cx", middle(chart, point));
	number(html, "cy", place(scale, (double) chart->values[0][point]));
	number(html, "r", 4);
	pc_html_attribute(html, "class", "dot");
	pc_html_element(html, "title", psprintf("%s: %s", chart->labels[point], chart->text(chart->context, chart->values[0][point])));
	pc_html_close(html);
}

void
pc_chart_line(PcHtml *html, const PcChart *chart)
{
	double		low = 0;
	double		high = 0;
	Scale		scale;

	for (int i = 0; i < chart->npoints; i++)
	{
		low = Min(low, (double) chart->values[0][i]);
		high = Max(high, (double) chart->values[0][i]);
	}
	scale = scale_between(chart, low, high);
	open_picture(html, chart, HEIGHT);
	write_ticks(html, chart, &scale);
	write_path(html, chart, &scale, true);
	write_path(html, chart, &scale, false);
	for (int i = 0; i < chart->npoints; i++)
		write_dot(html, chart, &scale, i);
	write_labels(html, chart);
	pc_html_close(html);
}

/* So many characters of UTF-8, and a sign where there are more. */
static char *
shortened(const char *utf8, int most)
{
	const char *at = utf8;
	int			n = 0;

	while (*at != '\0' && n < most)
	{
		at++;
		while ((*at & 0xC0) == 0x80)
			at++;
		n++;
	}
	return *at == '\0' ? pstrdup(utf8) : psprintf("%.*s\u2026", (int) (at - utf8), utf8);
}

static void
write_row(PcHtml *html, const PcChart *chart, int row, double most)
{
	double		y = row * ROW_HEIGHT;
	double		width = Max((double) chart->values[0][row], 0) / most * (ROW_RIGHT - ROW_LEFT);

	text_at(html, ROW_LEFT - 10, y + 19, "end", NULL, shortened(chart->labels[row], ROW_TEXT));
	pc_html_open(html, "rect");
	number(html, "x", ROW_LEFT);
	number(html, "y", y + 5);
	number(html, "width", Max(width, 1));
	number(html, "height", ROW_HEIGHT - 10);
	pc_html_attribute(html, "class", chart->classes[chart->nseries > 1 ? Min(row, chart->nseries - 1) : 0]);
	pc_html_close(html);
	text_at(html, ROW_LEFT + Max(width, 1) + 8, y + 19, "start", "value", chart->text(chart->context, chart->values[0][row]));
}

void
pc_chart_rows(PcHtml *html, const PcChart *chart)
{
	double		most = 1;

	for (int i = 0; i < chart->npoints; i++)
		most = Max(most, (double) chart->values[0][i]);
	open_picture(html, chart, chart->npoints * ROW_HEIGHT);
	for (int i = 0; i < chart->npoints; i++)
		write_row(html, chart, i, most);
	pc_html_close(html);
}

void
pc_chart_legend(PcHtml *html, const PcChart *chart)
{
	pc_html_open(html, "ul");
	pc_html_attribute(html, "class", "legend");
	for (int s = 0; s < chart->nseries; s++)
	{
		pc_html_open(html, "li");
		pc_html_open(html, "span");
		pc_html_attribute(html, "class", psprintf("swatch %s", chart->classes[s]));
		pc_html_close(html);
		pc_html_text(html, chart->names[s]);
		pc_html_close(html);
	}
	pc_html_close(html);
}
