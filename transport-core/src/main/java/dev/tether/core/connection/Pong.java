package dev.tether.core.connection;

/**
 * A ping that was answered.
 *
 * @param id what {@link Connection#ping} returned
 * @param roundTripNs how long the answer took
 */
public record Pong(long id, long roundTripNs) {}
