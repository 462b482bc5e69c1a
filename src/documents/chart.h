/*
 * chart.h
 *		Charts as SVG within a page: bars, a line, rows.
 *
 * Each has a title and a description for those who do not see it, and no
 * colour or size of its own: classes of the style sheet say how it looks.
 */
#ifndef PAYCORE_CHART_H
#define PAYCORE_CHART_H

#include "common/paycore.h"
#include "documents/html.h"

#define PC_CHART_SERIES 6

/* What one value is called to people ("12.00 EUR"), UTF-8. */
typedef char *(*PcChartText) (void *context, int64 value);

/* Values of several series at the same points; all texts are UTF-8. */
typedef struct PcChart
{
	const char *id;				/* unique in the page; letters, digits, - */
	const char *title;
	const char *description;
	int			npoints;
	const char *const *labels;	/* of the points */
	int			nseries;
	const char *names[PC_CHART_SERIES];
	const char *classes[PC_CHART_SERIES];	/* "c1" to "c6" */
	const int64 *values[PC_CHART_SERIES];	/* in minor units */
	int			decimals;		/* of a unit of the axis */
	PcChartText text;
	void	   *context;
} PcChart;

/* A bar for each point, its series on top of each other: above the line what is above zero, below it the rest. */
extern void pc_chart_bars(PcHtml *html, const PcChart *chart);

/* The first series as a line. */
extern void pc_chart_line(PcHtml *html, const PcChart *chart);

/* The first series as a row for each point. */
extern void pc_chart_rows(PcHtml *html, const PcChart *chart);

/* Which colour is which, for bars. */
extern void pc_chart_legend(PcHtml *html, const PcChart *chart);

#endif							/* PAYCORE_CHART_H */
