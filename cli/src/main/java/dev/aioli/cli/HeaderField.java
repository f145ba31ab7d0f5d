package dev.aioli.cli;

/** A header field that a request is to have. */
record HeaderField(String name, String value) {}
