package dev.tether.examples.transfer;

/**
 * What a receiver has got from one connection.
 *
 * @param stored files that were received and stored
 * @param present files that were there already
 * @param failed files that were offered and neither stored nor there; an incomplete one counts
 */
public record SessionSummary(int stored, int present, int failed) {}
