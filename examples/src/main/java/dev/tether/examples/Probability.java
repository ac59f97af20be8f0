package dev.tether.examples;

/**
 * A probability on the command line.
 *
 * @param value from 0 to 1
 */
public record Probability(double value) {}
