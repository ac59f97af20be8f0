package dev.tether.core.connection;

/**
 * The application of the peer has got the messages of a link up to a number.
 *
 * @param linkId the link
 * @param number of the last message that was delivered, as the peer says, 1 to 2^62 - 1: it may be one that was sent on an
 *     earlier connection, or none that was ever sent
 */
public record DeliveredUpTo(long linkId, long number) {}
