/**
 * The course of a run, kept in bounded memory ({@link dev.aioli.cli.plot.Timeline}) and drawn as
 * SVG ({@link dev.aioli.cli.plot.RunPlot}), by itself or in a page of HTML.
 */
@NullMarked
package dev.aioli.cli.plot;

import org.jspecify.annotations.NullMarked;
