/**
 * Small programs to read first, one file for each idea. The head comment of each holds the command
 * that runs it and what it prints; a test holds the program to it, and its twin in Python, too.
 */
@NullMarked
package dev.aioli.examples;

import org.jspecify.annotations.NullMarked;
